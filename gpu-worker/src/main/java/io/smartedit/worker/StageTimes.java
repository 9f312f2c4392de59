package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import io.smartedit.events.Cost;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** When a job was in which stage, for how long, and how many shared its steps. Thread-safe. */
final class StageTimes {

  private static final double NANOS = 1e9;

  private final Ticker ticker;
  private final Instant start;
  private final long startNanos;
  private final double queued;
  private final Map<Timed, Long> nanos = new EnumMap<>(Timed.class);
  private final Map<Timed, Interval> intervals = new EnumMap<>(Timed.class);
  private final Map<String, Long> hits = new TreeMap<>();
  private int batch = 1;

  /** The parts of a job that are timed, by the names that events and spans have. */
  enum Timed {
    FETCHED,
    READ,
    DENOISED,
    DEVELOPED,
    STORED
  }

  /** From a stage's first beginning to its last end; it may have rested in between. */
  record Interval(Instant start, Instant end) {}

  /** Begins to run: the worker has taken the job. */
  StageTimes(Clock clock, Ticker ticker, Instant requestedAt) {
    this.ticker = ticker;
    start = clock.instant();
    startNanos = ticker.read();
    Duration since =
        Duration.between(requestedAt, start); // of any two instants; its millis are not
    queued = Math.max(0, since.getSeconds() + since.getNano() / NANOS);
  }

  Instant start() {
    return start;
  }

  Instant now() {
    return at(ticker.read());
  }

  /** Nanoseconds, to be given to {@link #add} at the stage's end. */
  long begin() {
    return ticker.read();
  }

  /** Adds what has passed since {@link #begin}. */
  synchronized void add(Timed stage, long begin) {
    long end = ticker.read();
    nanos.merge(stage, end - begin, Long::sum);
    intervals.merge(
        stage,
        new Interval(at(begin), at(end)),
        (before, last) -> new Interval(before.start(), last.end()));
  }

  /** A step was shared by so many edits, this one included. */
  synchronized void shared(int edits) {
    batch = Math.max(batch, edits);
  }

  /** Most edits that shared a step. */
  synchronized int batch() {
    return batch;
  }

  /** Caches spared it work; their hits by name. */
  synchronized void hit(Map<String, Long> caches) {
    caches.forEach((cache, times) -> hits.merge(cache, times, Long::sum));
  }

  /** Of the stages that the job has been in, in their order. */
  synchronized Map<Timed, Interval> intervals() {
    return new EnumMap<>(intervals);
  }

  synchronized Cost cost(int attempts) {
    return Cost.newBuilder()
        .setQueued(queued)
        .setFetched(seconds(Timed.FETCHED))
        .setRead(seconds(Timed.READ))
        .setDenoised(seconds(Timed.DENOISED))
        .setDeveloped(seconds(Timed.DEVELOPED))
        .setStored(seconds(Timed.STORED))
        .setBatch(batch)
        .setAttempts(attempts)
        .setCacheHits(new TreeMap<>(hits))
        .build();
  }

  private double seconds(Timed stage) {
    return nanos.getOrDefault(stage, 0L) / NANOS;
  }

  private Instant at(long nanoTime) {
    return start.plusNanos(nanoTime - startNanos);
  }
}
