package io.smartedit.worker;

import io.smartedit.events.Cost;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** When a job was in which stage, and for how long. One thread at a time, as the job itself. */
final class Stopwatch {

  private static final double NANOS = 1e9;

  private final Instant start;
  private final long startNanos = System.nanoTime();
  private final double queued;
  private final Map<Stage, Long> nanos = new EnumMap<>(Stage.class);
  private final Map<Stage, Interval> intervals = new EnumMap<>(Stage.class);

  /** The stages that are timed. */
  enum Stage {
    FETCHED,
    READ,
    DENOISED,
    DEVELOPED,
    STORED
  }

  /** From a stage's first beginning to its last end; it may have rested in between. */
  record Interval(Instant start, Instant end) {}

  /** Begins to run: the worker has taken the job. */
  Stopwatch(Clock clock, Instant requestedAt) {
    start = clock.instant();
    queued = Math.max(0, Duration.between(requestedAt, start).toMillis() / 1e3);
  }

  Instant start() {
    return start;
  }

  Instant now() {
    return at(System.nanoTime());
  }

  /** Adds what has passed since {@code startNanoTime} of {@link System#nanoTime}. */
  void add(Stage stage, long startNanoTime) {
    long end = System.nanoTime();
    nanos.merge(stage, end - startNanoTime, Long::sum);
    intervals.merge(
        stage,
        new Interval(at(startNanoTime), at(end)),
        (before, last) -> new Interval(before.start(), last.end()));
  }

  /** Of the stages that the job has been in, in their order. */
  Map<Stage, Interval> intervals() {
    return Collections.unmodifiableMap(intervals);
  }

  Cost cost(int batch, int attempts) {
    return Cost.newBuilder()
        .setQueued(queued)
        .setFetched(seconds(Stage.FETCHED))
        .setRead(seconds(Stage.READ))
        .setDenoised(seconds(Stage.DENOISED))
        .setDeveloped(seconds(Stage.DEVELOPED))
        .setStored(seconds(Stage.STORED))
        .setBatch(batch)
        .setAttempts(attempts)
        .build();
  }

  private double seconds(Stage stage) {
    return nanos.getOrDefault(stage, 0L) / NANOS;
  }

  private Instant at(long nanoTime) {
    return start.plusNanos(nanoTime - startNanos);
  }
}
