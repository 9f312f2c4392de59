package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A clock and ticker that stand until they are told to go on. */
final class ManualTime extends Clock implements Ticker {

  private long nanos;

  synchronized void pass(Duration time) {
    nanos += time.toNanos();
  }

  @Override
  public synchronized long read() {
    return nanos;
  }

  @Override
  public Instant instant() {
    return Instant.parse("2026-01-01T00:00:00Z").plusNanos(read());
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
