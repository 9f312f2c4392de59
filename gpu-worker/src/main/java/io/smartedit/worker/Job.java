package io.smartedit.worker;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request on its way through the worker: what was taken, where it is, and what it has cost.
 * Thread-safe.
 */
final class Job {

  private static final Logger LOG = LoggerFactory.getLogger(Job.class);

  private final TakenRequest taken;
  private final StageTimes times;
  private JobState state = JobState.TAKEN;
  private @Nullable Long waitsSince;
  private @Nullable Thread runner;
  private @Nullable KeptSource source;

  Job(TakenRequest taken, StageTimes times) {
    this.taken = taken;
    this.times = times;
  }

  TakenRequest taken() {
    return taken;
  }

  StageTimes times() {
    return times;
  }

  synchronized JobState state() {
    return state;
  }

  boolean hasEnded() {
    return state().isEnd();
  }

  /** Whether its record is another worker's by now. */
  boolean isAbandoned() {
    return taken.receipt().isAbandoned();
  }

  boolean isSuspect() {
    return taken.attempts().isSuspect();
  }

  /**
   * Moves on; false where the job has ended meanwhile, and what was found out is dropped.
   *
   * @throws IllegalStateException if the job may not go there from where it is
   */
  synchronized boolean moveTo(JobState next) {
    if (state.isEnd()) {
      return false;
    }
    if (!state.mayBecome(next)) {
      throw new IllegalStateException(this + " cannot become " + next);
    }
    state = next;
    if (next.isEnd() && source != null) {
      source.lease().close();
      source = null;
    }
    return true;
  }

  /** Keeps its source until it ends; gives it back at once where it has ended. */
  synchronized void keep(KeptSource kept) {
    if (state.isEnd()) {
      kept.lease().close();
    } else {
      source = kept;
    }
  }

  /** What was kept; null where nothing was, or the job has ended. */
  synchronized @Nullable KeptSource source() {
    return source;
  }

  /** Since when it waits for another request's result; {@code now} where it has not waited yet. */
  synchronized long waitsSince(long now) {
    long since = waitsSince == null ? now : waitsSince;
    waitsSince = since;
    return since;
  }

  /** The calling thread works on it until {@link #rests}. */
  synchronized void runsHere() {
    runner = Thread.currentThread();
  }

  /** The calling thread is done with it, and is not interrupted for its sake any more. */
  synchronized void rests() {
    runner = null;
    boolean interrupted = Thread.interrupted();
    LOG.trace("{} rests, interrupted is {}", this, interrupted);
  }

  /** Ends the wait of whoever reads or asks for a job that has ended. */
  synchronized void interrupt() {
    if (runner != null) {
      runner.interrupt();
    }
  }

  @Override
  public String toString() {
    return "job " + taken.requestId() + " " + state();
  }
}
