package io.smartedit.service;

import io.smartedit.events.EventDeserializer;
import io.smartedit.events.RequestRules;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.events.WorkerAnnounced;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The workers there are and the models they serve, as they have announced on {@code
 * workers.models}. What a worker has not said again in time is no longer so. Thread-safe.
 */
public final class WorkerDirectory implements TopicFollower.Reader {

  /** More workers than any stream has; so many are remembered, whoever writes to the topic. */
  private static final int MOST = 10_000;

  private static final int MOST_ADAPTERS = 256;

  /** What is said holds for no longer, whatever it says. */
  private static final int LONGEST_MILLIS = 300_000;

  private final EventDeserializer<WorkerAnnounced> deserializer;
  private final Clock clock;
  private final Map<String, Heard> workers = new ConcurrentHashMap<>();

  private record Heard(WorkerAnnounced said, Instant until) {}

  /**
   * A model that is served.
   *
   * @param unnamed whether requests are, too, that name no model
   * @param adapters that requests may name: those that all its workers have
   * @param workers those who serve it, by name
   */
  public record Served(
      String model,
      boolean unnamed,
      Instant since,
      SortedSet<String> adapters,
      List<String> workers) {}

  public WorkerDirectory(SchemaRegistry registry, Clock clock) {
    this.deserializer = new EventDeserializer<>(registry, WorkerAnnounced.getClassSchema());
    this.clock = clock;
  }

  @Override
  public void read(@Nullable String key, byte @Nullable [] value, Instant time) {
    if (key == null || key.isEmpty()) {
      return;
    }
    WorkerAnnounced said = deserializer.deserialize(Topics.WORKERS, value);
    if (said == null || !RequestRules.isName(said.getModel())) {
      workers.remove(key);
      return;
    }
    Instant until = time.plusMillis(Math.min(said.getValidMillis(), LONGEST_MILLIS));
    if (workers.containsKey(key) || hasRoom()) {
      workers.put(key, new Heard(said, until));
    }
  }

  private boolean hasRoom() {
    if (workers.size() >= MOST) {
      Instant now = clock.instant();
      workers.values().removeIf(heard -> heard.until().isBefore(now));
    }
    return workers.size() < MOST;
  }

  /** Whether a worker serves a model now. */
  public boolean serves(String model) {
    Instant now = clock.instant();
    return workers.values().stream()
        .anyMatch(heard -> heard.said().getModel().equals(model) && now.isBefore(heard.until()));
  }

  /** What the workers that live have said, each for itself. */
  public List<WorkerAnnounced> live() {
    Instant now = clock.instant();
    return workers.values().stream()
        .filter(heard -> now.isBefore(heard.until()))
        .map(Heard::said)
        .toList();
  }

  /** What is served now, by model. */
  public SortedMap<String, Served> served() {
    Instant now = clock.instant();
    SortedMap<String, Served> served = new TreeMap<>();
    workers.entrySet().stream()
        .filter(entry -> now.isBefore(entry.getValue().until()))
        .sorted(Map.Entry.comparingByKey(Comparator.naturalOrder()))
        .forEach(
            entry -> {
              WorkerAnnounced said = entry.getValue().said();
              Served one =
                  new Served(
                      said.getModel(),
                      said.getServesUnnamed(),
                      said.getSince(),
                      adapters(said),
                      List.of(entry.getKey()));
              served.merge(said.getModel(), one, WorkerDirectory::both);
            });
    return served;
  }

  private static Served both(Served one, Served other) {
    List<String> names = new ArrayList<>(one.workers());
    names.addAll(other.workers());
    SortedSet<String> adapters = new TreeSet<>(one.adapters());
    adapters.retainAll(other.adapters());
    return new Served(
        one.model(),
        one.unnamed() || other.unnamed(),
        one.since().isBefore(other.since()) ? one.since() : other.since(),
        adapters,
        List.copyOf(names));
  }

  /** Whoever writes to the topic: no more than a worker may have, and by names. */
  private static SortedSet<String> adapters(WorkerAnnounced said) {
    return said.getAdapters().stream()
        .filter(RequestRules::isName)
        .limit(MOST_ADAPTERS)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
