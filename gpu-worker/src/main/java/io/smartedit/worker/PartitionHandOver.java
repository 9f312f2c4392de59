package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Collection;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
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
  private final Runnable tend;
  private final Duration limit;
  private final Ticker ticker;
  private final BooleanSupplier stopping;

  /**
   * @param stopping whether the worker has finished what it finishes
   */
  PartitionHandOver(
      Partitions partitions,
      Intake.Inside inside,
      Duration limit,
      Ticker ticker,
      BooleanSupplier stopping) {
    this.partitions = partitions;
    jobs = inside.jobs();
    outbox = inside.outbox();
    tend = inside.tend();
    this.limit = limit;
    this.ticker = ticker;
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
    jobs.leaveUnbegun(of(revoked));
    long end = ticker.read() + limit.toNanos();
    while (jobs.anyBegun(of(revoked)) && ticker.read() - end < 0 && !stopping.getAsBoolean()) {
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
    if (jobs.anyBegun(of(lost))) {
      LOG.warn("edits under way on {} begin anew elsewhere", lost);
    }
    partitions.forget(lost);
    jobs.leaveAll(of(lost));
  }

  private static Predicate<Receipt> of(Collection<TopicPartition> partitions) {
    return receipt -> partitions.contains(receipt.partition());
  }

  private static void rest() {
    try {
      Thread.sleep(REST_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
