package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import io.smartedit.events.RegistryException;
import io.smartedit.events.Topics;
import io.smartedit.worker.RequestDecoder.Decoded;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes jobs of polled records; what is no request is refused at once. A record whose schema cannot
 * be had now is polled again after a growing pause. Used by the consumer's thread.
 */
final class RequestTaker {

  private static final Logger LOG = LoggerFactory.getLogger(RequestTaker.class);
  private static final String HELD = "reading schemas";

  private final Consumer<String, byte[]> consumer;
  private final Partitions partitions;
  private final RequestDecoder decoder;
  private final Outbox outbox;
  private final Outcomes outcomes;
  private final RetryPolicy retries;
  private final Holds holds;
  private final Clock clock;
  private final Ticker ticker;
  private final Map<TopicPartition, Resting> resting = new HashMap<>();

  /** A partition whose next record could not be read: how often not, and when it is tried again. */
  private record Resting(int tries, long until) {}

  /** Clocks and what is told to whom. */
  record Services(RetryPolicy retries, Holds holds, Clock clock, Ticker ticker) {}

  RequestTaker(
      Consumer<String, byte[]> consumer,
      Partitions partitions,
      RequestDecoder decoder,
      Outbox outbox,
      Outcomes outcomes,
      Services services) {
    this.consumer = consumer;
    this.partitions = partitions;
    this.decoder = decoder;
    this.outbox = outbox;
    this.outcomes = outcomes;
    this.retries = services.retries();
    this.holds = services.holds();
    this.clock = services.clock();
    this.ticker = services.ticker();
  }

  /** Partitions that are not to be polled now. */
  Set<TopicPartition> resting() {
    long now = ticker.read();
    return resting.entrySet().stream()
        .filter(entry -> entry.getValue().until() - now > 0)
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** Takes records, in their order; hands on a job for each that is a request. */
  void take(ConsumerRecords<String, byte[]> records, java.util.function.Consumer<Job> next) {
    for (TopicPartition partition : records.partitions()) {
      for (ConsumerRecord<String, byte[]> record : records.records(partition)) {
        if (!take(partition, record, next)) {
          consumer.seek(partition, record.offset());
          break;
        }
      }
    }
  }

  /** False where the record must be polled again. */
  private boolean take(
      TopicPartition partition,
      ConsumerRecord<String, byte[]> record,
      java.util.function.Consumer<Job> next) {
    OffsetLedger ledger = partitions.ledger(partition);
    if (ledger == null) {
      return false;
    }
    if (!ledger.isNew(record.offset())) {
      LOG.warn("{}-{} was read again and is passed over", partition, record.offset());
      return true;
    }
    Decoded decoded = decoder.decode(record);
    if (decoded instanceof Decoded.NotNow notNow) {
      rest(partition, notNow.reason());
      return false;
    }
    if (resting.remove(partition) != null) {
      holds.clear(HELD);
    }
    if (decoded instanceof Decoded.Request request) {
      next.accept(job(partition, record, ledger, request));
    } else if (decoded instanceof Decoded.Refused refused) {
      ledger.take(record.offset());
      outbox.add(partition, record.offset(), ledger, outcomes.refused(record, refused));
    }
    return true;
  }

  private Job job(
      TopicPartition partition,
      ConsumerRecord<String, byte[]> record,
      OffsetLedger ledger,
      Decoded.Request decoded) {
    Attempts attempts = ledger.take(record.offset());
    boolean poison = PoisonRule.isDoubtful(attempts) && isPoison(attempts);
    TakenRequest taken =
        new TakenRequest(partition, record.offset(), ledger, attempts, poison, decoded.request());
    return new Job(taken, new StageTimes(clock, ticker, decoded.request().getRequestedAt()));
  }

  private boolean isPoison(Attempts attempts) {
    try {
      Collection<CommitMetadata> group = partitions.groupNotes(Topics.OF_REQUESTS);
      return PoisonRule.isPoison(attempts, group, clock.instant());
    } catch (KafkaException e) {
      LOG.warn("whether a storm is on is not known: {}", e.getMessage());
      return false; // in doubt it runs once more
    }
  }

  private void rest(TopicPartition partition, RegistryException reason) {
    Resting before = resting.get(partition);
    int tries = before == null ? 1 : before.tries() + 1;
    Duration pause = retries.afterOutage(tries);
    if (reason.kind() == RegistryException.Kind.MISCONFIGURED) {
      pause = retries.afterOurs(tries);
      holds.report(HELD, String.valueOf(reason.getMessage()), pause);
    } else {
      LOG.warn("{}; {} waits", reason.getMessage(), partition);
    }
    resting.put(partition, new Resting(tries, ticker.read() + pause.toNanos()));
  }
}
