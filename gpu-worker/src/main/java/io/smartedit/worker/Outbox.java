package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.Status;
import io.smartedit.worker.JobEndings.Ended;
import io.smartedit.worker.OutcomePublisher.Result;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * The outcomes and parked requests that are to be published, those that come close together in one
 * transaction with the offsets they free. Used by the consumer's thread.
 */
final class Outbox {

  /** A transaction costs milliseconds. */
  private static final long TOGETHER = Duration.ofMillis(50).toNanos();

  private final OutcomePublisher publisher;
  private final Partitions partitions;
  private final JobEndings endings;
  private final Outcomes outcomes;
  private final RetryPolicy retries;
  private final Supplier<ConsumerGroupMetadata> group;
  private final Clock clock;
  private final Ticker ticker;
  private final List<Pending> pending = new ArrayList<>();
  private long nextTry;
  private int failures;

  /** An outcome to be published for a record, or the request itself that is to be parked. */
  private record Pending(
      TopicPartition partition, long offset, OffsetLedger ledger, SpecificRecord event) {}

  /** Where outcomes come from, and clocks. */
  record Services(
      JobEndings endings, Outcomes outcomes, RetryPolicy retries, Clock clock, Ticker ticker) {}

  Outbox(
      OutcomePublisher publisher,
      Partitions partitions,
      Supplier<ConsumerGroupMetadata> group,
      Services services) {
    this.publisher = publisher;
    this.partitions = partitions;
    this.group = group;
    this.endings = services.endings();
    this.outcomes = services.outcomes();
    this.retries = services.retries();
    this.clock = services.clock();
    this.ticker = services.ticker();
    nextTry = ticker.read();
  }

  /** Adds the outcome of a record that became no job. */
  void add(TopicPartition partition, long offset, OffsetLedger ledger, EditOutcome outcome) {
    pending.add(new Pending(partition, offset, ledger, outcome));
  }

  /** Adds a request whose batch rests, and which is done with here. */
  void park(Job job) {
    TakenRequest taken = job.taken();
    taken.ledger().mark(taken.offset(), AttemptMark.NONE);
    pending.add(new Pending(taken.partition(), taken.offset(), taken.ledger(), taken.request()));
  }

  /** Publishes what has gathered, where it is time to. */
  void turn() {
    collect();
    if (!pending.isEmpty() && ticker.read() - nextTry >= 0) {
      publish();
    }
  }

  /** Publishes everything now; what cannot be published stays. */
  void flush() {
    collect();
    publish();
  }

  private void collect() {
    for (Ended ended = endings.next(); ended != null; ended = endings.next()) {
      TakenRequest taken = ended.job().taken();
      taken.ledger().mark(taken.offset(), AttemptMark.NONE);
      if (ended.outcome().getStatus() == Status.EDITED && taken.attempts().alone() > 0) {
        taken.ledger().sawOutsideDeath(clock.instant());
      }
      add(taken.partition(), taken.offset(), taken.ledger(), ended.outcome());
    }
    pending.removeIf(one -> !partitions.holds(one.partition(), one.ledger()));
  }

  private void publish() {
    if (pending.isEmpty()) {
      return;
    }
    Result result = publish(pending);
    if (result == Result.UNSPEAKABLE) {
      result = oneByOne();
    }
    failures = result == Result.PUBLISHED ? 0 : failures + 1;
    long pause = failures == 0 ? TOGETHER : retries.afterOutage(failures).toNanos();
    nextTry = ticker.read() + pause;
  }

  /** One that no event can say must not hold up the others: it is said by its place alone. */
  private Result oneByOne() {
    for (Pending one : List.copyOf(pending)) {
      Result result = publish(List.of(one));
      if (result == Result.UNSPEAKABLE) {
        EditOutcome shortened = outcomes.shortened(one.event());
        remove(List.of(one));
        add(one.partition(), one.offset(), one.ledger(), shortened);
        result = Result.LATER;
      }
      if (result != Result.PUBLISHED) {
        return result;
      }
    }
    return Result.PUBLISHED;
  }

  private Result publish(List<Pending> some) {
    Map<OffsetLedger, Set<Long>> done = new HashMap<>();
    Map<TopicPartition, OffsetAndMetadata> commits = new HashMap<>();
    for (Pending one : some) {
      Set<Long> offsets = done.computeIfAbsent(one.ledger(), key -> new HashSet<>());
      offsets.add(one.offset());
      commits.put(one.partition(), one.ledger().commitAfter(offsets));
    }
    List<SpecificRecord> spoken = some.stream().map(Pending::event).toList();
    Result result = publisher.publish(spoken, commits, group.get());
    if (result == Result.PUBLISHED) {
      some.forEach(one -> one.ledger().complete(one.offset()));
      remove(some);
    }
    return result;
  }

  /** These very ones: to compare events is dear. */
  private void remove(List<Pending> some) {
    Set<Pending> these = Collections.newSetFromMap(new IdentityHashMap<>());
    these.addAll(some);
    pending.removeIf(these::contains);
  }
}
