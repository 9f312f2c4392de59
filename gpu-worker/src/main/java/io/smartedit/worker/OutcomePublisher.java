package io.smartedit.worker;

import io.smartedit.events.EditOutcome;
import io.smartedit.events.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells outcomes and commits the offsets they free, in one transaction: all of it or nothing. What
 * was not told may be told again. Used by the consumer's thread.
 */
final class OutcomePublisher implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OutcomePublisher.class);

  private final Supplier<Producer<String, SpecificRecord>> producers;
  private Producer<String, SpecificRecord> producer;
  private boolean ready;

  /** {@code producers} makes transactional ones, all of one id. */
  OutcomePublisher(Supplier<Producer<String, SpecificRecord>> producers) {
    this.producers = producers;
    this.producer = producers.get();
  }

  /**
   * Whether transactions can begin. They can once the broker has ended what a past self of this
   * worker left unfinished; it is asked for that here, and waited for as {@code max.block.ms} says.
   */
  boolean isReady() {
    if (!ready) {
      try {
        producer.initTransactions();
        ready = true;
      } catch (TimeoutException e) {
        LOG.warn("outcomes wait: {}", e.getMessage());
      }
    }
    return ready;
  }

  /**
   * Whether all of it is on the broker.
   *
   * @throws KafkaException if another worker has this one's id
   */
  boolean publish(
      Collection<EditOutcome> outcomes,
      Map<TopicPartition, OffsetAndMetadata> offsets,
      ConsumerGroupMetadata group) {
    if (!isReady()) {
      return false;
    }
    try {
      producer.beginTransaction();
      for (EditOutcome outcome : outcomes) {
        // A failed send fails the commit.
        var unused =
            producer.send(new ProducerRecord<>(Topics.OUTCOMES, outcome.getRequestId(), outcome));
      }
      producer.sendOffsetsToTransaction(offsets, group);
      producer.commitTransaction();
      return true;
    } catch (ProducerFencedException | InvalidProducerEpochException e) {
      throw e; // this worker must end
    } catch (KafkaException e) {
      LOG.warn("outcomes wait: {}", e.getMessage());
      abort();
      return false;
    }
  }

  /**
   * A commit that timed out can be neither repeated for other outcomes nor taken back. Then a fresh
   * producer of the same id brings it to its end; should it have taken place, its outcomes are told
   * twice, and the sink drops the second.
   */
  private void abort() {
    try {
      producer.abortTransaction();
    } catch (KafkaException | IllegalStateException e) {
      LOG.warn("the producer is replaced: {}", e.getMessage());
      producer.close(Duration.ZERO);
      producer = producers.get();
      ready = false;
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
