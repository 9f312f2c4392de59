package io.smartedit.ingest;

import io.smartedit.events.EditCancelled;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.service.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Puts requests and cancellations on their topics. A request that was promised is on the broker, on
 * as many replicas as the topic asks for. Thread-safe.
 */
final class Submissions implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final KafkaProducer<String, SpecificRecord> producer;

  Submissions(Map<String, Object> kafka, SchemaRegistry registry) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.ACKS_CONFIG, "all");
    config.put(ProducerConfig.LINGER_MS_CONFIG, 5);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, LIMIT.toMillis());
    producer = new KafkaProducer<>(config, new StringSerializer(), new EventSerializer<>(registry));
  }

  /** Begins to send; what it became is heard from {@link #confirm}. */
  Future<?> send(EditRequested request) {
    try {
      return producer.send(new ProducerRecord<>(Topics.of(request), Topics.key(request), request));
    } catch (KafkaException e) {
      throw unavailable(e);
    }
  }

  void cancel(String tenant, String requestId, Instant now) {
    EditCancelled event =
        EditCancelled.newBuilder()
            .setRequestId(requestId)
            .setTenant(tenant)
            .setCancelledAt(now)
            .build();
    String key = tenant + "/" + requestId;
    confirm(producer.send(new ProducerRecord<>(Topics.CANCELLED, key, event)));
  }

  /**
   * Waits until the broker has it.
   *
   * @throws Problem 503 where it does not take it in time
   */
  static void confirm(Future<?> sent) {
    try {
      sent.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw unavailable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw unavailable(e);
    }
  }

  private static Problem unavailable(Exception cause) {
    Problem problem =
        new Problem(503, "unavailable", "The broker did not take it in time; send it again.", null);
    problem.initCause(cause);
    return problem;
  }

  @Override
  public void close() {
    producer.close(LIMIT);
  }
}
