package io.smartedit.worker;

import io.smartedit.events.EditRequested;
import io.smartedit.events.InvalidRequestException;
import io.smartedit.events.RequestRules;
import java.time.Clock;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Why a job may be given up before it is done: its client said so, for good or for now, or it comes
 * too late.
 */
final class LeaveRules {

  private final Predicate<TakenRequest> cancelled;
  private final Function<TakenRequest, Optional<Parking>> resting;
  private final String model;
  private final BooleanSupplier stopping;
  private final Clock clock;

  LeaveRules(
      Predicate<TakenRequest> cancelled,
      Function<TakenRequest, Optional<Parking>> resting,
      String model,
      BooleanSupplier stopping,
      Clock clock) {
    this.cancelled = cancelled;
    this.resting = resting;
    this.model = model;
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

  /** Whether a request is to be edited here, as far as is known now. */
  boolean isDue(TakenRequest taken) {
    return !cancelled.test(taken) && !taken.isExpired(clock.instant()) && parking(taken).isEmpty();
  }

  /** Where a request goes on, if it is not to be edited here, or not now. */
  Optional<Parking> parking(TakenRequest taken) {
    return resting
        .apply(taken)
        .or(() -> isElsewhere(taken.request()) ? Optional.of(Parking.ELSEWHERE) : Optional.empty());
  }

  /** Whether it is for workers that serve another model; an improper one is for anybody. */
  private boolean isElsewhere(EditRequested request) {
    if (request.getModel() == null || request.getModel().equals(model)) {
      return false;
    }
    try {
      RequestRules.check(request);
      return true;
    } catch (InvalidRequestException e) {
      return false;
    }
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
