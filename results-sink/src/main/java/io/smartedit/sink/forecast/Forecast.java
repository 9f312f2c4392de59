package io.smartedit.sink.forecast;

import io.smartedit.events.Priority;
import io.smartedit.events.WorkerAnnounced;
import io.smartedit.service.EditSeconds;
import io.smartedit.service.Pauses;
import io.smartedit.service.WorkerDirectory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * When a request that waits is expected to begin: by what waits before it, the shares by which
 * workers choose, the workers that live, and what an edit took the device within the last hour.
 * Nothing is said where no worker lives that would edit it, or no edit was measured. Thread-safe.
 */
public final class Forecast {

  private static final double MILLIS = 1e3;

  private final WorkerDirectory workers;
  private final Pauses pauses;
  private final EditSeconds seconds;
  private final Clock clock;

  public Forecast(WorkerDirectory workers, Pauses pauses, EditSeconds seconds, Clock clock) {
    this.workers = workers;
    this.pauses = pauses;
    this.seconds = seconds;
    this.clock = clock;
  }

  /**
   * A start that is expected, and by what.
   *
   * @param seconds from now
   * @param ahead requests, anybody's, that are begun before
   * @param workers that would edit it
   * @param secondsPerEdit that an edit took the device
   */
  public record Start(Instant at, double seconds, long ahead, int workers, double secondsPerEdit) {}

  /**
   * The start of a request.
   *
   * @param own its lane
   * @param lanes what waits, counted by the time at which the request came
   */
  public Optional<Start> of(Lane own, Collection<LaneCount> lanes) {
    List<WorkerAnnounced> pool =
        workers.live().stream().filter(worker -> edits(worker, own.model())).toList();
    Instant now = clock.instant();
    Optional<Double> each = secondsPerEdit(pool, now);
    if (pool.isEmpty() || each.isEmpty()) {
      return Optional.empty();
    }
    double before = before(own, lanes, pool);
    int places = pool.stream().mapToInt(WorkerAnnounced::getBatch).sum();
    double wait = before * each.get() / Math.max(1, places);
    return Optional.of(
        new Start(
            now.plus(Duration.ofMillis(Math.round(wait * MILLIS))),
            wait,
            Math.round(before),
            pool.size(),
            each.get()));
  }

  private static boolean edits(WorkerAnnounced worker, String model) {
    return model.isEmpty() ? worker.getServesUnnamed() : worker.getModel().equals(model);
  }

  private Optional<Double> secondsPerEdit(List<WorkerAnnounced> pool, Instant now) {
    Set<String> models = new HashSet<>();
    pool.forEach(worker -> models.add(worker.getModel()));
    String model = models.size() == 1 ? models.iterator().next() : EditSeconds.ANY;
    return Optional.ofNullable(seconds.means(now).get(model));
  }

  /** Where others wait, too, the device is full, and one of its edits has to end first. */
  private double before(Lane own, Collection<LaneCount> lanes, List<WorkerAnnounced> pool) {
    Map<Priority, Map<String, Double>> waiting = new EnumMap<>(Priority.class);
    boolean fair = pool.stream().allMatch(WorkerAnnounced::getFair);
    double ahead = 0;
    double all = 0;
    for (LaneCount count : lanes) {
      Lane lane = count.lane();
      boolean competes =
          pool.stream().anyMatch(worker -> edits(worker, lane.model()))
              && pauses.of(lane.tenant(), lane.model().isEmpty() ? null : lane.model()).isEmpty();
      if (!competes) {
        continue;
      }
      waiting
          .computeIfAbsent(lane.priority(), key -> new HashMap<>())
          .merge(lane.tenant(), (double) count.waiting(), Double::sum);
      all += count.waiting();
      boolean inTurn = !fair || lane.tenant().equals(own.tenant());
      ahead += inTurn && lane.priority() == own.priority() ? count.before() : 0;
    }
    Queue queue = new Queue(waiting, weights(pool));
    double before =
        fair
            ? queue.before(own.priority(), own.tenant(), ahead)
            : queue.inOrder().before(own.priority(), "", ahead);
    return all > 1 ? before + 1 : before;
  }

  private static Map<String, Double> weights(List<WorkerAnnounced> pool) {
    Map<String, Double> weights = new HashMap<>();
    pool.forEach(worker -> weights.putAll(worker.getShares()));
    return weights;
  }
}
