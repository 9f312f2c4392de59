package io.smartedit.sink.forecast;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.kafka.streams.processor.TaskId;

/**
 * The requests that have not begun, as far as this instance has their state: how many of each lane,
 * and when they came, to a tenth of a second. Each task says what it has; anybody may ask.
 * Thread-safe.
 */
public final class Backlog {

  private static final long TICK_MILLIS = 100;

  private final Map<TaskId, Map<Lane, ConcurrentNavigableMap<Long, Integer>>> tasks =
      new ConcurrentHashMap<>();

  /** A task begins, with nothing. */
  public void begin(TaskId task) {
    tasks.put(task, new ConcurrentHashMap<>());
  }

  /** A task is another instance's. */
  public void forget(TaskId task) {
    tasks.remove(task);
  }

  /** A request waits. */
  public void add(TaskId task, Lane lane, long millis) {
    Map<Lane, ConcurrentNavigableMap<Long, Integer>> lanes = tasks.get(task);
    if (lanes != null) {
      lanes
          .computeIfAbsent(lane, key -> new ConcurrentSkipListMap<>())
          .merge(millis / TICK_MILLIS, 1, Integer::sum);
    }
  }

  /** It waits no longer. */
  public void remove(TaskId task, Lane lane, long millis) {
    Map<Lane, ConcurrentNavigableMap<Long, Integer>> lanes = tasks.get(task);
    if (lanes != null) {
      lanes.computeIfPresent(
          lane,
          (key, times) -> {
            times.computeIfPresent(
                millis / TICK_MILLIS, (time, count) -> count == 1 ? null : count - 1);
            return times.isEmpty() ? null : times;
          });
    }
  }

  /** What waits in one partition, and of each lane how many came before a time. */
  public List<LaneCount> count(Instant time, int partition) {
    long tick = time.toEpochMilli() / TICK_MILLIS;
    List<LaneCount> counts = new ArrayList<>();
    tasks.forEach(
        (task, lanes) -> {
          if (task.partition() == partition) {
            lanes.forEach(
                (lane, times) ->
                    counts.add(new LaneCount(lane, sum(times), sum(times.headMap(tick)))));
          }
        });
    return counts;
  }

  private static long sum(Map<Long, Integer> times) {
    return times.values().stream().mapToLong(Integer::longValue).sum();
  }
}
