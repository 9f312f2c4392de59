package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time of the scale model, and what is to happen when. */
final class ModelTime extends Clock implements Ticker {

  private static final Instant BEGIN = Instant.parse("2026-01-01T00:00:00Z");
  private static final double NANOS = 1e9;

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
  private long now;
  private long orders;

  private record Event(long at, long order, Runnable what) {}

  void after(double seconds, Runnable what) {
    events.add(new Event(now + (long) (seconds * NANOS), orders++, what));
  }

  /** Goes on to the next event; false where none is left. */
  boolean step() {
    Event next = events.poll();
    if (next == null) {
      return false;
    }
    now = next.at();
    next.what().run();
    return true;
  }

  double seconds() {
    return now / NANOS;
  }

  static double seconds(Duration duration) {
    return duration.toNanos() / NANOS;
  }

  @Override
  public long read() {
    return now;
  }

  @Override
  public Instant instant() {
    return BEGIN.plusNanos(now);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
