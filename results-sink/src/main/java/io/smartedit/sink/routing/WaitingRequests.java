package io.smartedit.sink.routing;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.streams.processor.TaskId;

/**
 * How many requests wait with the sink: for each model that nobody serves ({@code
 * smartedit_sink_waiting}), or of each tenant because it rests ({@code smartedit_sink_paused}).
 * Anybody may name anything; so many are told apart, and the rest are one. Thread-safe.
 */
final class WaitingRequests {

  private static final int TOLD_APART = 100;
  private static final String OTHERS = "others";

  private final Map<TaskId, Map<String, Long>> byTask = new ConcurrentHashMap<>();
  private final MultiGauge gauge;
  private final String tag;

  private WaitingRequests(MultiGauge gauge, String tag) {
    this.gauge = gauge;
    this.tag = tag;
    show();
  }

  static WaitingRequests forModels(MeterRegistry meters) {
    return new WaitingRequests(
        MultiGauge.builder("smartedit.sink.waiting")
            .description("Requests that wait for a model that no worker has announced.")
            .register(meters),
        "model");
  }

  static WaitingRequests paused(MeterRegistry meters) {
    return new WaitingRequests(
        MultiGauge.builder("smartedit.sink.paused")
            .description("Requests that rest with their tenant, their model or everything.")
            .register(meters),
        "tenant");
  }

  /** Says what a task holds, by model or tenant. */
  void set(TaskId task, Map<String, Long> counts) {
    Map<String, Long> before = byTask.put(task, Map.copyOf(counts));
    if (before == null || !before.equals(counts)) {
      show();
    }
  }

  /** The task is another instance's. */
  void forget(TaskId task) {
    byTask.remove(task);
    show();
  }

  private synchronized void show() {
    Map<String, Long> all = new TreeMap<>();
    byTask.values().forEach(counts -> counts.forEach((name, n) -> all.merge(name, n, Long::sum)));
    Map<String, Long> shown = new TreeMap<>(Map.of(OTHERS, 0L));
    all.forEach((name, n) -> shown.merge(shown.size() > TOLD_APART ? OTHERS : name, n, Long::sum));
    List<Row<?>> rows =
        shown.entrySet().stream()
            .<Row<?>>map(entry -> Row.of(Tags.of(tag, entry.getKey()), entry.getValue()))
            .toList();
    gauge.register(rows, true);
  }
}
