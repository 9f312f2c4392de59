package io.smartedit.ingest;

import io.smartedit.events.EditMetrics;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The minutes of the last day, by tenant and model, as {@code edits.metrics} tells them. What is
 * kept is bounded: the oldest goes first. Thread-safe.
 */
final class MetricsHistory {

  static final Duration SPAN = Duration.ofDays(1);

  private static final int MOST = 50_000;
  private static final Comparator<EditMetrics> ORDER =
      Comparator.comparing(EditMetrics::getWindowStart)
          .thenComparing(EditMetrics::getTenant)
          .thenComparing(EditMetrics::getModel);

  /** Each under itself. */
  private final ConcurrentSkipListMap<EditMetrics, EditMetrics> minutes =
      new ConcurrentSkipListMap<>(ORDER);

  private int kept;

  /** Takes what a minute is now; it may be said again while it lasts. */
  synchronized void add(EditMetrics minute) {
    kept += minutes.remove(minute) == null ? 1 : 0;
    minutes.put(minute, minute);
    if (kept > MOST) {
      minutes.pollFirstEntry();
      kept--;
    }
  }

  /** A tenant's minutes since a moment, the oldest first. */
  List<EditMetrics> of(String tenant, Instant since) {
    return minutes.values().stream()
        .filter(minute -> minute.getTenant().equals(tenant))
        .filter(minute -> !minute.getWindowStart().isBefore(since))
        .toList();
  }
}
