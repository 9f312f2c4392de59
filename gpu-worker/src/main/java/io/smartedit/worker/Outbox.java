package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.Status;
import io.smartedit.worker.Intake.Answer;
import io.smartedit.worker.JobEndings.Ended;
import io.smartedit.worker.OutcomePublisher.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * The outcomes and parked requests that are to be published, those that come close together at
 * once. Used by the requests thread.
 */
final class Outbox {

  /** To publish costs milliseconds. */
  private static final long TOGETHER = Duration.ofMillis(50).toNanos();

  private final Intake intake;
  private final JobEndings endings;
  private final Outcomes outcomes;
  private final RetryPolicy retries;
  private final Ticker ticker;
  private final List<Answer> pending = new ArrayList<>();
  private long nextTry;
  private int failures;

  /** Where outcomes come from, and clocks. */
  record Services(JobEndings endings, Outcomes outcomes, RetryPolicy retries, Ticker ticker) {}

  Outbox(Intake intake, Services services) {
    this.intake = intake;
    this.endings = services.endings();
    this.outcomes = services.outcomes();
    this.retries = services.retries();
    this.ticker = services.ticker();
    nextTry = ticker.read();
  }

  /** Adds the outcome of a record that became no job. */
  void add(Receipt receipt, EditOutcome outcome) {
    pending.add(new Answer(receipt, OutcomePublisher.record(outcome)));
  }

  /** Adds a request that is not for here, or not for now, and is done with here. */
  void park(Job job, Parking where) {
    Receipt receipt = job.taken().receipt();
    receipt.mark(AttemptMark.NONE);
    pending.add(new Answer(receipt, where.record(job.taken().request())));
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
      taken.receipt().mark(AttemptMark.NONE);
      if (ended.outcome().getStatus() == Status.EDITED && taken.attempts().alone() > 0) {
        intake.cameToItsEnd(taken.receipt());
      }
      add(taken.receipt(), ended.outcome());
    }
    pending.removeIf(one -> one.receipt().isAbandoned());
  }

  private void publish() {
    if (pending.isEmpty()) {
      return;
    }
    Result result = settle(pending);
    if (result == Result.UNSPEAKABLE) {
      result = oneByOne();
    }
    failures = result == Result.PUBLISHED ? 0 : failures + 1;
    long pause = failures == 0 ? TOGETHER : retries.afterOutage(failures).toNanos();
    nextTry = ticker.read() + pause;
  }

  /** One that no event can say must not hold up the others: it is said by its place alone. */
  private Result oneByOne() {
    for (Answer one : List.copyOf(pending)) {
      Result result = settle(List.of(one));
      if (result == Result.UNSPEAKABLE) {
        EditOutcome shortened = outcomes.shortened(one.record().value());
        remove(List.of(one));
        add(one.receipt(), shortened);
        result = Result.LATER;
      }
      if (result != Result.PUBLISHED) {
        return result;
      }
    }
    return Result.PUBLISHED;
  }

  private Result settle(List<Answer> some) {
    Result result = intake.settle(some);
    if (result == Result.PUBLISHED) {
      remove(some);
    }
    return result;
  }

  /** These very ones: to compare events is dear. */
  private void remove(List<Answer> some) {
    Set<Answer> these = Collections.newSetFromMap(new IdentityHashMap<>());
    these.addAll(some);
    pending.removeIf(these::contains);
  }
}
