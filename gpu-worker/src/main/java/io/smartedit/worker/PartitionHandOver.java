package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Collection;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over partitions and hands them over. An edit that the device has begun is finished before
 * its partition goes, for a limited time; what was not begun is left at once. Called within polls,
 * on the consumer's thread.
 */
final class PartitionHandOver implements ConsumerRebalanceListener {

  private static final Logger LOG = LoggerFactory.getLogger(PartitionHandOver.class);
  private static final long REST_MILLIS = 5;

  private final Partitions partitions;
  private final OpenJobs jobs;
  private final Outbox outbox;
  private final Duration limit;
  private final Ticker ticker;
  private final Runnable tend;
  private final BooleanSupplier stopping;

  /**
   * @param tend what the consumer's thread does between polls
   * @param stopping whether the worker has finished what it finishes
   */
  PartitionHandOver(
      Partitions partitions,
      OpenJobs jobs,
      Outbox outbox,
      Duration limit,
      Ticker ticker,
      Runnable tend,
      BooleanSupplier stopping) {
    this.partitions = partitions;
    this.jobs = jobs;
    this.outbox = outbox;
    this.limit = limit;
    this.ticker = ticker;
    this.tend = tend;
    this.stopping = stopping;
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
    partitions.assigned(assigned);
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
    if (revoked.isEmpty()) {
      return;
    }
    jobs.leaveUnbegun(revoked);
    long end = ticker.read() + limit.toNanos();
    while (jobs.anyBegun(revoked) && ticker.read() - end < 0 && !stopping.getAsBoolean()) {
      tend.run();
      rest();
    }
    outbox.flush();
    if (!stopping.getAsBoolean()) {
      partitions.handOver(revoked);
    }
    onPartitionsLost(revoked);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> lost) {
    if (jobs.anyBegun(lost)) {
      LOG.warn("edits under way on {} begin anew elsewhere", lost);
    }
    partitions.forget(lost);
    jobs.leaveAll(lost);
  }

  private static void rest() {
    try {
      Thread.sleep(REST_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
