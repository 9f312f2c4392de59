package io.smartedit.worker.fair;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * How a partition is read ahead: which of its records are kept until their turn, and from where on
 * each lane's records were passed over, to be read again when the lane has room. Nothing from the
 * first of both on may be committed. Not thread-safe.
 */
public final class Reading {

  /*
   *    done   kept by A        A's gap: all of A's from here on are in the log alone
   *  |------|--a--b--a--a--|--a--a--b--a--c--a--a--|        a record new to us
   *         ^ first()      ^ A's gap            next ^
   *
   *  Of a lane without a gap everything before `next` is known; of one with a gap, everything
   *  before the gap. To read again is to go back to a gap and keep its lane's records until the
   *  lane is full, which moves the gap, or `next` is reached, which closes it.
   */

  private final TreeSet<Long> kept = new TreeSet<>();
  private final Map<Lane, Long> gaps = new HashMap<>();

  /** While it is read again: lanes that are full. */
  private final Set<Lane> full = new HashSet<>();

  /** From where it is read again; -1 while it is not. */
  private long again = -1;

  private long next = -1;
  private long passedOver;

  /** The first record that is kept or was passed over. */
  public OptionalLong first() {
    long first = kept.isEmpty() ? Long.MAX_VALUE : kept.first();
    for (long gap : gaps.values()) {
      first = Math.min(first, gap);
    }
    return first == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(first);
  }

  /** Whether it is read again. */
  public boolean isAgain() {
    return again >= 0;
  }

  /** Behind the furthest record that was read; -1 where none was. */
  public long next() {
    return next;
  }

  /** Records that were passed over and are not kept yet. */
  public long passedOver() {
    return passedOver;
  }

  /** Whether a record of a lane is to be taken or kept; else it is known, or its turn comes. */
  boolean isWanted(Lane lane, long offset) {
    Long gap = gaps.get(lane);
    if (offset >= next) {
      return gap == null;
    }
    return again >= 0 && gap != null && gap >= again && offset >= gap && !full.contains(lane);
  }

  /** The partition is read from an earlier record on, though nothing is kept or was passed over. */
  public void beginAnew(long offset) {
    next = offset;
  }

  /** A record was read that waits for nothing, or is none of a lane. */
  public void passed(long offset) {
    next = Math.max(next, offset + 1);
  }

  /** A record was read that is behind its lane's gap. */
  void passOver(Lane lane, long offset) {
    if (offset >= next) {
      passedOver++;
    }
    if (again >= 0) {
      full.add(lane);
      gaps.put(lane, offset); // all before it are kept
    } else {
      gaps.putIfAbsent(lane, offset);
    }
    passed(offset);
  }

  void keep(Lane lane, long offset) {
    kept.add(offset);
    filled(lane, offset);
  }

  /** A wanted record is not kept, for it is taken at once. */
  void filled(Lane lane, long offset) {
    if (gaps.containsKey(lane)) {
      gaps.put(lane, offset + 1);
      passedOver--;
    }
    passed(offset);
  }

  /** One that was kept is taken. */
  void taken(long offset) {
    kept.remove(offset);
  }

  /** One that was kept, the last of its lane, is in the log alone again. */
  void letGo(Lane lane, long offset) {
    kept.remove(offset);
    passedOver++;
    gaps.merge(lane, offset, Math::min);
    if (again >= 0) {
      full.add(lane);
    }
  }

  /** Begins to read again where lanes have room; answers from where, if anywhere. */
  public OptionalLong again(Predicate<Lane> hasRoom) {
    if (again >= 0) {
      return OptionalLong.empty();
    }
    OptionalLong from =
        gaps.entrySet().stream()
            .filter(gap -> hasRoom.test(gap.getKey()))
            .mapToLong(Map.Entry::getValue)
            .min();
    from.ifPresent(start -> again = start);
    return from;
  }

  /**
   * Whether reading again is over, so that the next record to be read is {@link #next}.
   *
   * @param position of the next record to be read
   */
  public boolean isOver(long position) {
    if (again < 0) {
      return false;
    }
    if (position >= next) {
      gaps.entrySet().removeIf(gap -> gap.getValue() >= again && !full.contains(gap.getKey()));
      end();
      return true;
    }
    boolean over =
        gaps.entrySet().stream()
            .allMatch(gap -> gap.getValue() < again || full.contains(gap.getKey()));
    if (over) {
      end();
    }
    return over;
  }

  private void end() {
    again = -1;
    full.clear();
    if (gaps.isEmpty()) {
      passedOver = 0; // what the broker has deleted is not counted
    }
  }
}
