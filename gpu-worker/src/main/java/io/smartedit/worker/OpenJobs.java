package io.smartedit.worker;

import io.smartedit.worker.fair.Lane;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * The jobs that were taken and have not ended. Wherever they are before the device, they end here
 * when they are cancelled or too late, and are parked when what they belong to rests. Used by the
 * consumer's thread.
 */
final class OpenJobs {

  private final Set<Job> jobs = new LinkedHashSet<>();
  private final LeaveRules leaving;
  private final JobEndings endings;
  private final BiConsumer<Job, Parking> parked;

  /** {@code parked} publishes a job's request where it goes on from. */
  OpenJobs(LeaveRules leaving, JobEndings endings, BiConsumer<Job, Parking> parked) {
    this.leaving = leaving;
    this.endings = endings;
    this.parked = parked;
  }

  /** Adds a job; false where it went on at once: it rests, or others serve its model. */
  boolean add(Job job) {
    boolean stays = !park(job);
    if (stays) {
      jobs.add(job);
    }
    return stays;
  }

  /** Ends or parks those that need not be done now and forgets those that have ended. */
  void sweep() {
    for (Job job : jobs) {
      if (!job.state().isBegun() && !job.hasEnded()) {
        if (!park(job)) {
          leaving.reason(job).ifPresent(reason -> end(job, reason));
        }
      }
    }
    jobs.removeIf(Job::hasEnded);
  }

  /**
   * Parks a job that is not for here or for now; whether it was one. What is cancelled does not
   * rest, and what is too late need not.
   */
  private boolean park(Job job) {
    Optional<Parking> where =
        leaving.reason(job).isEmpty() ? leaving.parking(job.taken()) : Optional.empty();
    if (where.isEmpty() || !job.moveTo(JobState.PARKED)) {
      return false;
    }
    parked.accept(job, where.get());
    job.interrupt();
    return true;
  }

  private void end(Job job, JobFailedException reason) {
    endings.failed(job, reason);
    job.interrupt();
  }

  /** How many wait for other requests' results. */
  int waiting() {
    return count(job -> job.state() == JobState.WAITING);
  }

  /** Those that do. */
  List<Job> thatWait() {
    return jobs.stream().filter(job -> job.state() == JobState.WAITING).toList();
  }

  /** How many need a place in the device, now or soon. */
  int needingDevice() {
    return count(
        job -> job.state() != JobState.WAITING && job.state().compareTo(JobState.ENCODING) < 0);
  }

  /** Whether a lane has a job that is worked on or waits for the device. */
  boolean isUnderWay(Lane lane) {
    return jobs.stream()
        .anyMatch(
            job ->
                !job.hasEnded()
                    && job.state() != JobState.WAITING
                    && Lanes.of(job.taken()).equals(lane));
  }

  /** Whether the device, or what comes behind it, has a job of these records. */
  boolean anyBegun(Predicate<Receipt> of) {
    return count(job -> of.test(job.taken().receipt()) && job.state().isBegun()) > 0;
  }

  /** Leaves what the device has not begun to another worker; answers how many. */
  int leaveUnbegun(Predicate<Receipt> of) {
    return leave(job -> of.test(job.taken().receipt()) && !job.state().isBegun());
  }

  /** Leaves everything to another worker; answers how many. */
  int leaveAll(Predicate<Receipt> of) {
    return leave(job -> of.test(job.taken().receipt()));
  }

  private int leave(Predicate<Job> which) {
    int left = 0;
    for (Job job : List.copyOf(jobs)) {
      if (which.test(job)) {
        left += job.hasEnded() ? 0 : 1;
        endings.leave(job);
        job.interrupt();
        jobs.remove(job);
      }
    }
    return left;
  }

  private int count(Predicate<Job> which) {
    return (int) jobs.stream().filter(which).count();
  }
}
