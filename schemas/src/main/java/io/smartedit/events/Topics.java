package io.smartedit.events;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The topics: the one place for names, partitions and retention. */
public final class Topics {

  public static final String REQUESTED = "edits.requested";
  public static final String CANCELLED = "edits.cancelled";
  public static final String OUTCOMES = "edits.outcomes";
  public static final String PROGRESS = "edits.progress";
  public static final String COMPLETED = "edits.completed";
  public static final String FAILED = "edits.failed";

  private Topics() {}

  /**
   * A topic as it is to be created.
   *
   * @param config by Kafka's names
   */
  public record Topic(String name, int partitions, Map<String, String> config) {}

  /** All topics. */
  public static List<Topic> all() {
    return List.of(
        kept(REQUESTED, 8, Duration.ofDays(7)),
        new Topic(CANCELLED, 1, Map.of("cleanup.policy", "compact,delete")),
        kept(OUTCOMES, 4, Duration.ofDays(7)),
        kept(PROGRESS, 4, Duration.ofHours(1)),
        kept(COMPLETED, 4, Duration.ofDays(30)),
        kept(FAILED, 4, Duration.ofDays(30)));
  }

  private static Topic kept(String name, int partitions, Duration retention) {
    return new Topic(
        name,
        partitions,
        Map.of("retention.ms", Long.toString(retention.toMillis()), "cleanup.policy", "delete"));
  }
}
