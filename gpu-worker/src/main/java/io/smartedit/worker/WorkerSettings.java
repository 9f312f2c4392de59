package io.smartedit.worker;

import java.time.Duration;
import java.util.Set;

/**
 * How a worker works.
 *
 * @param bootstrap Kafka's addresses
 * @param group consumer group; its members share the partitions
 * @param workerId unique among live workers and the same after a restart; fences its own past self
 * @param outputBucket edited pictures go here
 * @param sourceBuckets buckets that requests may name
 * @param maxSourceBytes of a source picture
 * @param maxInFlight records taken and not yet answered
 * @param batch edits that share a denoising step
 * @param storeRetry how long a store that does not answer is asked again
 * @param modelName said in every outcome
 */
public record WorkerSettings(
    String bootstrap,
    String group,
    String workerId,
    String outputBucket,
    Set<String> sourceBuckets,
    long maxSourceBytes,
    int maxInFlight,
    int batch,
    Duration storeRetry,
    String modelName) {

  /** Records that killed the process this often fail as poison. */
  static final int MAX_DEATHS = 3;

  public WorkerSettings {
    sourceBuckets = Set.copyOf(sourceBuckets);
    if (batch < 1 || maxInFlight < batch || maxInFlight > 100) {
      throw new IllegalArgumentException(
          "batch is "
              + batch
              + " and maxInFlight "
              + maxInFlight
              + ", must be 1 <= batch <= maxInFlight <= 100");
    }
  }
}
