package io.smartedit.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.service.Problem;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Requests on their way to the broker, and the spans of it. */
final class RequestPublisherTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";
  private static final String TRACEPARENT = "00-" + TRACE + "-" + PARENT + "-01";

  private final MockProducer<String, SpecificRecord> producer =
      new MockProducer<>(
          false, null, new StringSerializer(), new EventSerializer<>(new InMemorySchemaRegistry()));
  private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
  private final Tracer tracer =
      SdkTracerProvider.builder()
          .addSpanProcessor(SimpleSpanProcessor.create(exporter))
          .build()
          .get("test");

  @Test
  void aSpanBeginsInTheCallersTraceAndIsWhatTheRequestLiesBelow() {
    try (RequestPublisher publisher = new RequestPublisher(producer, tracer)) {
      var sent = publisher.send(request(TRACEPARENT));
      producer.completeNext();
      RequestPublisher.confirm(sent);
    }

    SpanData span = exporter.getFinishedSpanItems().get(0);
    assertThat(span.getTraceId()).isEqualTo(TRACE);
    assertThat(span.getParentSpanId()).isEqualTo(PARENT);
    assertThat(published().getTraceparent())
        .isEqualTo("00-" + TRACE + "-" + span.getSpanId() + "-01");
  }

  @Test
  void aRequestOfNoTraceBeginsOne() {
    try (RequestPublisher publisher = new RequestPublisher(producer, tracer)) {
      var sent = publisher.send(request(null));
      producer.completeNext();
      RequestPublisher.confirm(sent);
    }

    SpanData span = exporter.getFinishedSpanItems().get(0);
    assertThat(span.getParentSpanContext().isValid()).isFalse();
    assertThat(published().getTraceparent()).contains(span.getTraceId(), span.getSpanId());
  }

  @Test
  void whatTheBrokerDoesNotTakeIsAnError() {
    try (RequestPublisher publisher = new RequestPublisher(producer, tracer)) {
      var sent = publisher.send(request(null));
      producer.errorNext(new TimeoutException("away"));

      assertThatThrownBy(() -> RequestPublisher.confirm(sent)).isInstanceOf(Problem.class);
    }
    assertThat(exporter.getFinishedSpanItems())
        .extracting(span -> span.getStatus().getStatusCode())
        .containsExactly(StatusCode.ERROR);
  }

  @Test
  void whereNoSpansAreMadeTheCallersTraceIsHandedOn() {
    for (@Nullable String traceparent : new @Nullable String[] {TRACEPARENT, null}) {
      producer.clear();
      RequestPublisher publisher =
          new RequestPublisher(producer, TracerProvider.noop().get("test"));
      var sent = publisher.send(request(traceparent));
      producer.completeNext();
      RequestPublisher.confirm(sent);

      assertThat(published().getTraceparent()).isEqualTo(traceparent);
    }
    producer.close();
  }

  private EditRequested published() {
    return (EditRequested) producer.history().get(0).value();
  }

  private static EditRequested request(@Nullable String traceparent) {
    EditRequested.Builder request =
        EditRequested.newBuilder()
            .setRequestId("r-1")
            .setSource("s3://pictures/a.png")
            .setInstruction("remove the cat")
            .setRequestedAt(Instant.EPOCH);
    if (traceparent != null) {
      request.setTraceparent(traceparent);
    }
    return request.build();
  }
}
