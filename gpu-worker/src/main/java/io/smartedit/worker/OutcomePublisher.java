package io.smartedit.worker;

import io.smartedit.events.EditOutcome;
import io.smartedit.events.RegistryException;
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
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes outcomes and parked requests and commits the offsets they free, in one transaction: all
 * of it or nothing. What was not published may be published again. Used by the consumer's thread.
 */
final class OutcomePublisher implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(OutcomePublisher.class);
  static final String HELD = "publishing outcomes";

  private final Supplier<Producer<String, SpecificRecord>> producers;
  private final Holds holds;
  private Producer<String, SpecificRecord> producer;
  private boolean ready;

  /** How publishing went. */
  enum Result {
    /** All of it is on the broker. */
    PUBLISHED,
    /** Nothing is; it may be tried again. */
    LATER,
    /** Nothing is, because one of the outcomes can never be. */
    UNSPEAKABLE
  }

  /** {@code producers} makes transactional ones, all of one id. */
  OutcomePublisher(Supplier<Producer<String, SpecificRecord>> producers, Holds holds) {
    this.producers = producers;
    this.holds = holds;
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
      } catch (KafkaException e) {
        explain(e, holds);
        replaceProducer(e);
      }
    }
    return ready;
  }

  /**
   * Publishes.
   *
   * @throws FencedInstanceIdException if another worker has this one's id
   */
  Result publish(
      Collection<ProducerRecord<String, SpecificRecord>> records,
      Map<TopicPartition, OffsetAndMetadata> offsets,
      ConsumerGroupMetadata group) {
    if (!isReady()) {
      return Result.LATER;
    }
    try {
      producer.beginTransaction();
      for (ProducerRecord<String, SpecificRecord> record : records) {
        var unused = producer.send(unsent(record)); // a failed send fails the commit
      }
      producer.sendOffsetsToTransaction(offsets, group);
      producer.commitTransaction();
      holds.clear(HELD);
      return Result.PUBLISHED;
    } catch (FencedInstanceIdException e) {
      throw e; // this worker must end
    } catch (KafkaException e) {
      explain(e, holds);
      abort();
      return isUnspeakable(e) ? Result.UNSPEAKABLE : Result.LATER;
    }
  }

  /** The same once more: a producer closes the headers of what it was given, sent or not. */
  static <V> ProducerRecord<String, V> unsent(ProducerRecord<String, V> record) {
    return new ProducerRecord<>(
        record.topic(),
        record.partition(),
        record.timestamp(),
        record.key(),
        record.value(),
        record.headers());
  }

  /** Where an outcome goes. */
  static ProducerRecord<String, SpecificRecord> record(EditOutcome outcome) {
    return new ProducerRecord<>(Topics.OUTCOMES, outcome.getRequestId(), outcome);
  }

  /** Says why nothing could be published, to whoever can mend it. */
  static void explain(KafkaException e, Holds holds) {
    boolean ours =
        e instanceof AuthorizationException
            || e instanceof AuthenticationException
            || (e instanceof RegistryException registry
                && registry.kind() == RegistryException.Kind.MISCONFIGURED);
    if (ours) {
      holds.report(HELD, String.valueOf(e.getMessage()), Duration.ofSeconds(5));
    } else {
      LOG.warn("outcomes wait: {}", e.getMessage());
    }
  }

  /** Whether one of the events can never be published. */
  static boolean isUnspeakable(KafkaException e) {
    return (e instanceof SerializationException && !(e instanceof RegistryException))
        || e instanceof RecordTooLargeException
        || e.getCause() instanceof RecordTooLargeException;
  }

  /**
   * A commit that timed out can be neither repeated for other outcomes nor taken back, and a
   * transaction that outlived its timeout is fenced. Then a fresh producer of the same id brings
   * things to their end; should the commit have taken place, its outcomes are published twice, and
   * the sink drops the second. Another live worker of this id is noticed by the consumer group.
   */
  private void abort() {
    try {
      producer.abortTransaction();
    } catch (KafkaException | IllegalStateException e) {
      replaceProducer(e);
    }
  }

  private void replaceProducer(RuntimeException why) {
    LOG.warn("the producer is replaced: {}", why.getMessage());
    producer.close(Duration.ZERO);
    producer = producers.get();
    ready = false;
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
  }
}
