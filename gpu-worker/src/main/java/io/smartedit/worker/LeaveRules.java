package io.smartedit.worker;

import java.time.Clock;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/** Why a job may be given up before it is done: its client said so, or it comes too late. */
final class LeaveRules {

  private final Predicate<TakenRequest> cancelled;
  private final BooleanSupplier stopping;
  private final Clock clock;

  LeaveRules(Predicate<TakenRequest> cancelled, BooleanSupplier stopping, Clock clock) {
    this.cancelled = cancelled;
    this.stopping = stopping;
    this.clock = clock;
  }

  /** Why the job is to be given up, where it is. */
  Optional<JobFailedException> reason(Job job) {
    if (cancelled.test(job.taken())) {
      return Optional.of(JobFailedException.cancelled());
    }
    if (job.taken().isExpired(clock.instant())) {
      return Optional.of(JobFailedException.expired());
    }
    return Optional.empty();
  }

  /**
   * Goes on only with a job that is still wanted, or whose image is there already.
   *
   * @throws JobFailedException saying why not
   */
  void check(Job job) {
    if (job.state() == JobState.ENCODING || job.state() == JobState.STORING) {
      return;
    }
    Optional<JobFailedException> reason = reason(job);
    if (reason.isPresent()) {
      throw reason.get();
    }
  }

  /** Whether the worker drains: what would have to be waited for is left to others. */
  boolean isStopping() {
    return stopping.getAsBoolean();
  }
}
