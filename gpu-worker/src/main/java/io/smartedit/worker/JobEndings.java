package io.smartedit.worker;

import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditResult;
import io.smartedit.events.FailureKind;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where jobs end: each once, with one outcome or left to another worker. From here the consumer's
 * thread takes the outcomes it publishes. Thread-safe.
 */
final class JobEndings {

  private static final Logger LOG = LoggerFactory.getLogger(JobEndings.class);

  private final Outcomes outcomes;
  private final List<Listener> listeners;
  private final Queue<Ended> ended = new ConcurrentLinkedQueue<>();

  /** A job that was answered. */
  record Ended(Job job, EditOutcome outcome) {}

  /** Hears of answers, on whatever thread gave them. */
  interface Listener {
    /**
     * @param firstOfItsId whether the outcome is the edit's that its request id stands for
     */
    void answered(Job job, EditOutcome outcome, boolean firstOfItsId);
  }

  JobEndings(Outcomes outcomes, List<Listener> listeners) {
    this.outcomes = outcomes;
    this.listeners = List.copyOf(listeners);
  }

  /** The job's result is stored. */
  void edited(Job job, EditResult result) {
    end(job, outcomes.edited(job, result), null);
  }

  /** The job ends without an image; one that has ended already stays as it is. */
  void failed(Job job, JobFailedException failure) {
    end(job, outcomes.failed(job, failure), failure);
  }

  /** Nobody here works on the job any longer; its record is open and goes to another worker. */
  void leave(Job job) {
    if (job.moveTo(JobState.LEFT)) {
      job.taken().receipt().left();
    }
  }

  /** The next answer to be published, where there is one. */
  @Nullable Ended next() {
    return ended.poll();
  }

  private void end(Job job, EditOutcome outcome, @Nullable JobFailedException failure) {
    if (!job.moveTo(JobState.ANSWERED)) {
      return;
    }
    ended.add(new Ended(job, outcome));
    log(job, outcome, failure);
    boolean first = failure == null || !failure.isAboutReuse();
    for (Listener listener : listeners) {
      try {
        listener.answered(job, outcome, first);
      } catch (RuntimeException e) {
        LOG.error(
            "request {} was answered, {} failed over it", outcome.getRequestId(), listener, e);
      }
    }
  }

  private static void log(Job job, EditOutcome outcome, @Nullable JobFailedException failure) {
    if (failure != null && failure.kind() == FailureKind.INTERNAL) {
      LOG.error("request {} failed", outcome.getRequestId(), failure);
    }
    LOG.info(
        "request {} {} attempt {} cost {}{}",
        outcome.getRequestId(),
        outcome.getStatus(),
        job.taken().attempts().begun() + 1,
        outcome.getCost(),
        failure == null ? "" : " " + failure.getMessage());
  }
}
