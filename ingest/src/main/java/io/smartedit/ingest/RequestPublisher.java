package io.smartedit.ingest;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.smartedit.events.AllowanceAsked;
import io.smartedit.events.BatchCommand;
import io.smartedit.events.EditCancelled;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.ImageDeleted;
import io.smartedit.events.PauseScope;
import io.smartedit.events.Paused;
import io.smartedit.events.RegistryException;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.service.Problem;
import io.smartedit.service.Traces;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The producer of requests and cancellations. What is confirmed is on the broker, on as many
 * replicas as the topic asks for. Thread-safe.
 */
final class RequestPublisher implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  private static final long AGAIN_SECONDS = 5;
  private static final String NOT_TAKEN = "The broker did not take it in time; send it again.";
  private static final Logger LOG = LoggerFactory.getLogger(RequestPublisher.class);

  private final Producer<String, SpecificRecord> producer;
  private final Tracer tracer;

  RequestPublisher(Producer<String, SpecificRecord> producer, Tracer tracer) {
    this.producer = producer;
    this.tracer = tracer;
  }

  /**
   * Publishes to a cluster.
   *
   * @param kafka settings of a Kafka client
   */
  static RequestPublisher to(Map<String, Object> kafka, SchemaRegistry registry, Tracer tracer) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    // A record that is not taken in time is given up, so that 503 is not followed by an edit.
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, LIMIT.toMillis());
    config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) LIMIT.toMillis());
    config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) LIMIT.toMillis() / 2);
    return new RequestPublisher(
        new KafkaProducer<>(config, new StringSerializer(), new EventSerializer<>(registry)),
        tracer);
  }

  /**
   * Begins to send; what it became is heard from {@link #confirm}. Where spans are made one begins
   * here, in the request's own trace if it has one, and worker and sink make theirs below it.
   */
  Future<?> send(EditRequested request) {
    String topic = Topics.of(request);
    Span span =
        tracer
            .spanBuilder("publish")
            .setSpanKind(SpanKind.PRODUCER)
            .setParent(Traces.parent(request.getTraceparent()))
            .setAttribute("smartedit.request.id", request.getRequestId())
            .setAttribute("smartedit.tenant", request.getTenant())
            .setAttribute("messaging.destination.name", topic)
            .startSpan();
    try {
      return send(topic, Topics.key(request), traced(request, span), failure -> end(span, failure));
    } catch (Problem e) {
      end(span, e);
      throw e;
    }
  }

  private static EditRequested traced(EditRequested request, Span span) {
    return Traces.traceparent(span)
        .filter(own -> !own.equals(request.getTraceparent()))
        .map(own -> EditRequested.newBuilder(request).setTraceparent(own).build())
        .orElse(request);
  }

  private static void end(Span span, @Nullable Exception failure) {
    if (failure != null) {
      span.setStatus(StatusCode.ERROR, "the broker did not take it");
    }
    span.end();
  }

  void cancel(String tenant, String requestId, Instant now) {
    EditCancelled event =
        EditCancelled.newBuilder()
            .setRequestId(requestId)
            .setTenant(tenant)
            .setCancelledAt(now)
            .build();
    confirm(send(Topics.CANCELLED, Topics.idKey(tenant, requestId), event));
  }

  /** Tells sink and workers what is to become of a batch; the broker has it when this returns. */
  void tell(BatchCommand command) {
    String key = Topics.batchKey(command.getTenant(), command.getBatch());
    confirm(send(Topics.BATCH_COMMANDS, key, command));
  }

  /** Tells sink and workers what rests from now on; the broker has it when this returns. */
  void pause(Paused paused) {
    confirm(send(Topics.PAUSES, Topics.pauseKey(paused.getScope(), paused.getName()), paused));
  }

  /** As {@link #pause} for what rests no longer. */
  void resume(PauseScope scope, String name) {
    confirm(send(Topics.PAUSES, Topics.pauseKey(scope, name), null));
  }

  /** Asks for some of what a tenant may request; returns once that is on its way. */
  void ask(AllowanceAsked ask) {
    Future<?> unused = send(Topics.ALLOWANCES, ask.getTenant(), ask);
  }

  /** Tells what was decided of a held result. */
  void decided(EditVerdict event) {
    confirm(send(Topics.VERDICTS, event.getRequestId(), event));
  }

  /** Tells that an image was deleted. */
  void deleted(ImageDeleted event) {
    confirm(send(Topics.DELETED, event.getRequestId(), event));
  }

  private Future<?> send(String topic, String key, @Nullable SpecificRecord event) {
    return send(topic, key, event, failure -> {});
  }

  /**
   * @param told what went wrong, or null, once that is known; not where it throws
   */
  private Future<?> send(
      String topic,
      String key,
      @Nullable SpecificRecord event,
      Consumer<@Nullable Exception> told) {
    try {
      return producer.send(
          new ProducerRecord<>(topic, key, event), (place, failure) -> told.accept(failure));
    } catch (RegistryException e) {
      throw unavailable("The schema registry does not answer; send it again.", e);
    } catch (KafkaException | IllegalStateException e) { // the latter once it is closed
      throw unavailable(NOT_TAKEN, e);
    }
  }

  /**
   * Waits until the broker has it.
   *
   * @throws Problem 503 where it does not take it in time
   */
  static void confirm(Future<?> sent) {
    try {
      sent.get(2 * LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw unavailable(NOT_TAKEN, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(NOT_TAKEN, e);
    }
  }

  private static Problem unavailable(String detail, Exception cause) {
    LOG.warn("{}: {}", detail, cause.toString());
    return Problem.unavailable(AGAIN_SECONDS, detail, cause);
  }

  @Override
  public void close() {
    producer.close(LIMIT);
  }
}
