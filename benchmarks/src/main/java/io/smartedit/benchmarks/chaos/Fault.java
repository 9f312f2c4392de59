package io.smartedit.benchmarks.chaos;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Something that is done to the stream.
 *
 * @param at after the first request
 * @param victim number of the worker or sink that is meant, where one is
 * @param lasts until it is made good
 */
record Fault(Duration at, Kind kind, int victim, Duration lasts) {

  private static final int PAUSE_MILLIS = 9000;

  /** What is done; how often it comes in a round, and how long it lasts, in milliseconds. */
  enum Kind {
    KILL_WORKER(3, 500, 3000),
    KILL_ALL_WORKERS(1, 500, 3000),
    DRAIN_WORKER(2, 0, 1),
    FREEZE_WORKER(2, 2000, 25_000),
    KILL_SINK(2, 500, 5000),
    FREEZE_SINK(1, 2000, 20_000),
    KILL_BROKER(1, 500, 8000),
    FREEZE_BROKER(1, 2000, 12_000),
    KILL_STORE(1, 500, 10_000),
    FREEZE_STORE(1, 2000, 15_000),
    KILL_REGISTRY(1, 2000, 20_000),
    KILL_INGEST(1, 500, 5000),
    STORE_ERRORS(1, 3000, 15_000),
    STORE_BUSY(1, 3000, 15_000),
    STORE_HANGS(1, 3000, 15_000),
    STORE_SLOW(1, 5000, 20_000),
    STORE_CUTS_ANSWERS(1, 3000, 15_000),
    STORE_CUTS_UPLOADS(1, 3000, 15_000),
    REGISTRY_ERRORS(1, 3000, 15_000),
    REGISTRY_HANGS(1, 3000, 15_000),
    STORE_DISK_FULL(1, 3000, 15_000),
    SINK_DISK_FULL(1, 3000, 15_000);

    private final int weight;
    private final int shortest;
    private final int longest;

    Kind(int weight, int shortest, int longest) {
      this.weight = weight;
      this.shortest = shortest;
      this.longest = longest;
    }

    /** What it is done to: a process, a disk or a proxy. */
    private String part() {
      return switch (this) {
        case KILL_WORKER, KILL_ALL_WORKERS, DRAIN_WORKER, FREEZE_WORKER -> "worker";
        case KILL_SINK, FREEZE_SINK -> "sink";
        case KILL_BROKER, FREEZE_BROKER -> "broker";
        case KILL_STORE, FREEZE_STORE -> "store";
        case KILL_REGISTRY -> "registry";
        case KILL_INGEST -> "ingest";
        case STORE_ERRORS,
            STORE_BUSY,
            STORE_HANGS,
            STORE_SLOW,
            STORE_CUTS_ANSWERS,
            STORE_CUTS_UPLOADS ->
            "store's proxy";
        case REGISTRY_ERRORS, REGISTRY_HANGS -> "registry's proxy";
        case STORE_DISK_FULL -> "store's disk";
        case SINK_DISK_FULL -> "sink's disk";
      };
    }
  }

  /**
   * The faults of a run, in order: rounds of all kinds, shuffled. They begin after each other by
   * {@code calm} and up to 9 s more, so that long ones overlap, and the last is over before the
   * time is.
   */
  static List<Fault> plan(
      long seed, Duration time, Duration calm, Collection<Kind> kinds, int workers, int sinks) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Kind> round = new ArrayList<>();
    List<Fault> plan = new ArrayList<>();
    Duration at = calm;
    while (!kinds.isEmpty()) {
      if (round.isEmpty()) {
        kinds.forEach(kind -> round.addAll(Collections.nCopies(kind.weight, kind)));
      }
      Kind kind = round.remove(random.nextInt(round.size()));
      Duration lasts = Duration.ofMillis(random.nextInt(kind.shortest, kind.longest));
      int of = kind == Kind.KILL_SINK || kind == Kind.FREEZE_SINK ? sinks : workers;
      Fault fault = new Fault(at, kind, random.nextInt(of), lasts);
      if (at.plus(lasts).compareTo(time) > 0) {
        break;
      }
      plan.add(fault);
      at = at.plus(calm).plusMillis(random.nextInt(PAUSE_MILLIS));
    }
    return plan;
  }

  /** Whether both would do something to the same part, so that one would make the other good. */
  boolean meets(Fault other) {
    return kind.part().equals(other.kind.part());
  }

  /** As {@code KILL_WORKER 2 for 1.4 s}. */
  @Override
  public String toString() {
    boolean one = kind.name().endsWith("_WORKER") || kind.name().endsWith("_SINK");
    return String.format(
        "%s%s for %.1f s", kind, one ? " " + (victim + 1) : "", lasts.toMillis() / 1e3);
  }
}
