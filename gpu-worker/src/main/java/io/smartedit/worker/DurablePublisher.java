package io.smartedit.worker;

import io.smartedit.events.Topics;
import io.smartedit.worker.OutcomePublisher.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;

/**
 * Publishes events and waits until all replicas have them. What was not published may be published
 * again, and twice. Used by the requests thread.
 */
final class DurablePublisher implements AutoCloseable {

  private final Producer<String, SpecificRecord> producer;
  private final Holds holds;

  /** The publisher owns the producer, which is idempotent and waits for all replicas. */
  DurablePublisher(Producer<String, SpecificRecord> producer, Holds holds) {
    this.producer = producer;
    this.holds = holds;
  }

  /** Whether there is a broker; waits for it as {@code max.block.ms} says. */
  boolean isReady() {
    try {
      return !producer.partitionsFor(Topics.OUTCOMES).isEmpty();
    } catch (KafkaException e) {
      OutcomePublisher.explain(e, holds);
      return false;
    }
  }

  Result publish(Collection<ProducerRecord<String, SpecificRecord>> records) {
    try {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (ProducerRecord<String, SpecificRecord> record : records) {
        sent.add(producer.send(OutcomePublisher.unsent(record)));
      }
      producer.flush();
      for (Future<RecordMetadata> one : sent) {
        one.get();
      }
      holds.clear(OutcomePublisher.HELD);
      return Result.PUBLISHED;
    } catch (KafkaException e) {
      return failed(e);
    } catch (ExecutionException e) {
      return failed(
          e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Result.LATER;
    }
  }

  private Result failed(KafkaException e) {
    OutcomePublisher.explain(e, holds);
    return OutcomePublisher.isUnspeakable(e) ? Result.UNSPEAKABLE : Result.LATER;
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
