package io.smartedit.worker;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;

/**
 * The jobs that were taken and have not ended. Wherever they are before the device, they end here
 * when they are cancelled or too late. Used by the consumer's thread.
 */
final class OpenJobs {

  private final Set<Job> jobs = new LinkedHashSet<>();
  private final LeaveRules leaving;
  private final JobEndings endings;

  OpenJobs(LeaveRules leaving, JobEndings endings) {
    this.leaving = leaving;
    this.endings = endings;
  }

  void add(Job job) {
    jobs.add(job);
  }

  /** Ends those that need not be done any more and forgets those that have ended. */
  void sweep() {
    for (Job job : jobs) {
      if (!job.state().isBegun() && !job.hasEnded()) {
        leaving.reason(job).ifPresent(reason -> end(job, reason));
      }
    }
    jobs.removeIf(Job::hasEnded);
  }

  private void end(Job job, JobFailedException reason) {
    endings.failed(job, reason);
    job.interrupt();
  }

  /** Those that wait for other requests' results. */
  int waiting() {
    return count(job -> job.state() == JobState.WAITING);
  }

  /** Whether the device, or what comes behind it, has a job of these partitions. */
  boolean anyBegun(Collection<TopicPartition> partitions) {
    return count(job -> isOf(job, partitions) && job.state().isBegun()) > 0;
  }

  /** Leaves what the device has not begun to another worker. */
  void leaveUnbegun(Collection<TopicPartition> partitions) {
    leave(job -> isOf(job, partitions) && !job.state().isBegun());
  }

  /** Leaves everything to another worker. */
  void leaveAll(Collection<TopicPartition> partitions) {
    leave(job -> isOf(job, partitions));
  }

  private void leave(Predicate<Job> which) {
    for (Job job : List.copyOf(jobs)) {
      if (which.test(job)) {
        endings.leave(job);
        job.interrupt();
        jobs.remove(job);
      }
    }
  }

  private int count(Predicate<Job> which) {
    return (int) jobs.stream().filter(which).count();
  }

  private static boolean isOf(Job job, Collection<TopicPartition> partitions) {
    return partitions.contains(job.taken().partition());
  }
}
