package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.FailureKind;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.worker.StageTimes.Timed;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WorkerSpansTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";

  /** Made first: it tells Avro to trust the events' classes. */
  private final EventSerializer<EditRequested> serializer =
      new EventSerializer<>(new InMemorySchemaRegistry());

  private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
  private final WorkerSpans spans =
      new WorkerSpans(
          SdkTracerProvider.builder()
              .addSpanProcessor(SimpleSpanProcessor.create(exporter))
              .build()
              .get("test"));

  @Test
  void stagesLieBelowTheEditAndTheEditBelowItsRequest() {
    List<SpanData> all = answered("00-" + TRACE + "-" + PARENT + "-01");

    SpanData edit = all.get(2);
    assertThat(all).extracting(SpanData::getName).containsExactly("fetched", "denoised", "edit");
    assertThat(edit.getTraceId()).isEqualTo(TRACE);
    assertThat(edit.getParentSpanId()).isEqualTo(PARENT);
    assertThat(edit.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(edit.getAttributes().get(AttributeKey.stringKey("smartedit.request.id")))
        .isEqualTo("r-1");
    for (SpanData stage : all.subList(0, 2)) {
      assertThat(stage.getParentSpanId()).isEqualTo(edit.getSpanId());
      assertThat(stage.getStartEpochNanos())
          .isBetween(edit.getStartEpochNanos(), stage.getEndEpochNanos());
      assertThat(stage.getEndEpochNanos()).isLessThanOrEqualTo(edit.getEndEpochNanos());
    }
  }

  @Test
  void anEditOfNoTraceBeginsOne() {
    for (String traceparent :
        new String[] {null, "", "00-zz-yy-xx", "00-0-0-01", "a-b-c-\u00e9\u00e9"}) {
      SpanData edit = answered(traceparent).get(2);

      assertThat(edit.getParentSpanContext().isValid()).as(traceparent).isFalse();
      exporter.reset();
    }
  }

  @AfterEach
  void close() {
    serializer.close();
  }

  private List<SpanData> answered(String traceparent) {
    EditRequested request =
        EditRequested.newBuilder()
            .setRequestId("r-1")
            .setSource("s3://pictures/a.png")
            .setInstruction("remove the cat")
            .setTraceparent(traceparent)
            .setRequestedAt(Instant.EPOCH)
            .build();
    Job job = Fixtures.job(request, 7, Attempts.NONE);
    job.times().add(Timed.FETCHED, job.times().begin());
    job.times().add(Timed.DENOISED, job.times().begin());
    job.times().add(Timed.DENOISED, job.times().begin());
    JobFailedException failure =
        JobFailedException.failed(FailureKind.INTERNAL, "as planned", null);
    Outcomes outcomes = new Outcomes(Fixtures.settings(), Fixtures.TIME);
    spans.answered(job, outcomes.failed(job, failure), true);
    return exporter.getFinishedSpanItems();
  }
}
