package io.smartedit.worker;

import io.smartedit.events.Cost;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;

/** Seconds that a job spent in each stage. */
final class Stopwatch {

  private static final double NANOS = 1e9;

  private final double queued;
  private final Map<Stage, Long> nanos = new EnumMap<>(Stage.class);

  /** The stages that are timed. */
  enum Stage {
    FETCHED,
    READ,
    DENOISED,
    DEVELOPED,
    STORED
  }

  Stopwatch(Clock clock, Instant requestedAt) {
    this.queued = Math.max(0, Duration.between(requestedAt, clock.instant()).toMillis() / 1e3);
  }

  void add(Stage stage, long startNanoTime) {
    nanos.merge(stage, System.nanoTime() - startNanoTime, Long::sum);
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
}
