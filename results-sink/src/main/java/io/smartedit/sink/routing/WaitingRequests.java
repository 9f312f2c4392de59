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
 * How many requests wait for each model that nobody serves: {@code smartedit_sink_waiting}. Anybody
 * may name any model; so many are told apart, and the rest are one. Thread-safe.
 */
final class WaitingRequests {

  private static final int TOLD_APART = 100;
  private static final String OTHERS = "others";

  private final Map<TaskId, Map<String, Long>> byTask = new ConcurrentHashMap<>();
  private final MultiGauge gauge;

  WaitingRequests(MeterRegistry meters) {
    gauge =
        MultiGauge.builder("smartedit.sink.waiting")
            .description("Requests that wait for a model that no worker has announced.")
            .register(meters);
    show();
  }

  /** Says what a task holds, by model. */
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
    byTask.values().forEach(counts -> counts.forEach((model, n) -> all.merge(model, n, Long::sum)));
    Map<String, Long> shown = new TreeMap<>(Map.of(OTHERS, 0L));
    all.forEach(
        (model, n) -> shown.merge(shown.size() > TOLD_APART ? OTHERS : model, n, Long::sum));
    List<Row<?>> rows =
        shown.entrySet().stream()
            .<Row<?>>map(entry -> Row.of(Tags.of("model", entry.getKey()), entry.getValue()))
            .toList();
    gauge.register(rows, true);
  }
}
