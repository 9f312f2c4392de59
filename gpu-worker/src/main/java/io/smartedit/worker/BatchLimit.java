package io.smartedit.worker;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;

/**
 * How many edits of a kind share a denoising call at most: a number that somebody chose, or what
 * the worker finds best. That is the smallest number with which almost all of a call's time goes
 * into its edits' rows: more would make every step longer and hardly any edit sooner. It grows to
 * twice the largest call so far at a time, and only where the device has as much memory left as
 * everything so far took. Whatever the number, it falls where memory runs out. Thread-safe.
 */
final class BatchLimit {

  /** While nothing is known. */
  static final int AT_FIRST = 4;

  /** With 1 it could not be seen whether more would be better. */
  private static final int LEAST = 2;

  /** What a call may cost beside its rows. */
  private static final double BESIDE = 0.1;

  /** Every so many calls one is half as large, to see what a call costs beside its rows. */
  private static final int PROBES = 8;

  private static final int REMEMBERED_KINDS = 256;

  private final int most;
  private final boolean measured;
  private final LongSupplier freeBytes;
  private final Map<String, Kind> kinds =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Kind> eldest) {
          return size() > REMEMBERED_KINDS;
        }
      };

  private long free;
  private long freeAtFirst;
  private int last;

  /** What is known of a kind. */
  private static final class Kind {
    private final CallCost cost = new CallCost();
    private int limit;
    private int memory = Integer.MAX_VALUE;
    private int largest;
    private double edits;
    private double rows;
    private int calls;
  }

  private BatchLimit(int most, boolean measured, LongSupplier freeBytes) {
    this.most = most;
    this.measured = measured;
    this.freeBytes = freeBytes;
    last = first();
  }

  static BatchLimit fixed(int edits) {
    return new BatchLimit(edits, false, () -> Long.MAX_VALUE);
  }

  /**
   * @param freeBytes of the device's memory
   */
  static BatchLimit measured(int most, LongSupplier freeBytes) {
    return new BatchLimit(most, true, freeBytes);
  }

  private int first() {
    return measured ? Math.min(AT_FIRST, most) : most;
  }

  /** At present, 1 or more. */
  synchronized int of(String kind) {
    Kind known = kinds.get(kind);
    return known == null ? first() : limit(known);
  }

  /** That of the kind that was called last. */
  synchronized int last() {
    return last;
  }

  /** Of the next call; by the device's thread. */
  synchronized int next(String kind) {
    Kind known = kind(kind);
    known.calls++;
    int limit = limit(known);
    return measured && known.calls % PROBES == 0 ? Math.max(1, limit / 2) : limit;
  }

  /** A call was made. */
  synchronized void called(String kind, int edits, int rows, long nanos) {
    Kind known = kind(kind);
    last = limit(known);
    if (!measured) {
      return;
    }
    known.cost.add(rows, (double) nanos);
    known.edits += edits;
    known.rows += rows;
    if (edits > known.largest) {
      known.largest = edits;
      free = freeBytes.getAsLong();
      freeAtFirst = Math.max(freeAtFirst, free);
    }
    OptionalDouble best = known.cost.rowsFor(BESIDE);
    if (best.isEmpty()) {
      return;
    }
    int wanted = (int) Math.ceil(best.getAsDouble() * known.edits / known.rows);
    int fits = free > freeAtFirst - free ? 2 * known.largest : known.largest;
    known.limit = Math.max(Math.min(LEAST, most), Math.min(Math.min(wanted, most), fits));
    last = limit(known);
  }

  /** A call of so many edits did not fit into the device's memory. */
  synchronized void outOfMemory(String kind, int edits) {
    Kind known = kind(kind);
    known.memory = Math.max(1, Math.min(known.memory, edits / 2));
  }

  private int limit(Kind known) {
    return Math.min(known.limit, known.memory);
  }

  private Kind kind(String kind) {
    return kinds.computeIfAbsent(
        kind,
        key -> {
          Kind known = new Kind();
          known.limit = first();
          return known;
        });
  }
}
