package io.smartedit.ingest;

import static java.util.Objects.requireNonNull;

import io.smartedit.events.AllowanceAsked;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** Limits of any number of doors over a topic in memory, by a clock that is told. */
final class LoopedLimits {

  private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");

  private final SchemaRegistry registry;
  private final EventSerializer<AllowanceAsked> serializer;
  private final LongSupplier ticker;
  private final List<EditLimits> doors = new ArrayList<>();
  private final List<Map.Entry<byte[], Instant>> log = new ArrayList<>();

  LoopedLimits(SchemaRegistry registry, LongSupplier ticker) {
    this.registry = registry;
    this.serializer = new EventSerializer<>(registry);
    this.ticker = ticker;
  }

  /** Those of one door. */
  static EditLimits of(SchemaRegistry registry) {
    return new LoopedLimits(registry, System::nanoTime).door();
  }

  /** Those of one door more, which reads what was asked before it. */
  EditLimits door() {
    EditLimits door = new EditLimits(registry, this::append, ticker);
    log.forEach(written -> door.read("", written.getKey(), written.getValue()));
    doors.add(door);
    return door;
  }

  private synchronized void append(AllowanceAsked ask) {
    byte[] value = requireNonNull(serializer.serialize(Topics.ALLOWANCES, ask));
    Instant time = NOW.plusNanos(ticker.getAsLong());
    log.add(Map.entry(value, time));
    doors.forEach(door -> door.read(ask.getTenant(), value, time));
  }
}
