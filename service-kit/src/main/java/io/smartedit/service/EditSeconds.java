package io.smartedit.service;

import io.smartedit.events.EditMetrics;
import io.smartedit.events.Latency;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a request takes the device, by model: the mean of all that ended within the last hour, those
 * that failed included, by the sink's windows of a minute. Thread-safe.
 */
public final class EditSeconds {

  /** Requests that name no model. */
  public static final String ANY = "";

  /** What is older counts no more. */
  public static final Duration MEMORY = Duration.ofHours(1);

  /** Stages of an edit that hold the device. */
  private static final List<String> STAGES = List.of("read", "denoised", "developed");

  private final Map<String, EditMetrics> windows = new HashMap<>();

  /** Takes a window in; a later state of one takes the place of the earlier. */
  public synchronized void add(EditMetrics window) {
    windows.put(
        window.getTenant() + "/" + window.getModel() + "/" + window.getWindowStart(), window);
  }

  /**
   * The means, by model, and under {@link #ANY} that of all, as requests that name no model are any
   * worker's.
   */
  public synchronized Map<String, Double> means(Instant now) {
    windows.values().removeIf(window -> window.getWindowEnd().isBefore(now.minus(MEMORY)));
    Map<String, double[]> sums = new HashMap<>(); // seconds and edits
    for (EditMetrics window : windows.values()) {
      long edits = window.getCounts().values().stream().mapToLong(count -> count).sum();
      double seconds = STAGES.stream().mapToDouble(stage -> mean(window, stage)).sum();
      for (String model : List.of(window.getModel(), ANY)) {
        double[] sum = sums.computeIfAbsent(model, key -> new double[2]);
        sum[0] += seconds * edits;
        sum[1] += edits;
      }
    }
    Map<String, Double> means = new HashMap<>();
    sums.forEach(
        (model, sum) -> {
          if (sum[0] > 0) {
            means.put(model, sum[0] / sum[1]);
          }
        });
    return means;
  }

  private static double mean(EditMetrics window, String stage) {
    Latency latency = window.getSeconds().get(stage);
    return latency == null ? 0 : latency.getMean();
  }
}
