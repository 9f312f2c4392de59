package io.smartedit.worker;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which records of one partition were taken and which are done, and how far the partition may
 * therefore be committed: up to the first record that is not done.
 *
 * <p>It also keeps how often each open record was taken, for the commit's metadata. Used by the
 * consumer's thread, but where said otherwise.
 */
final class OffsetLedger {

  private final TreeMap<Long, Integer> open = new TreeMap<>();
  private long next = -1;
  private volatile boolean abandoned;

  /** Takes a record for the {@code attempt}-th time; offsets rise. */
  void take(long offset, int attempt) {
    if (offset < next) {
      throw new IllegalArgumentException(
          "offset " + offset + " was taken already, next is " + next);
    }
    open.put(offset, attempt);
    next = offset + 1;
  }

  /** Marks a record as done; one that is not open is ignored. */
  void complete(long offset) {
    open.remove(offset);
  }

  /** Records taken and not done. */
  int openCount() {
    return open.size();
  }

  /** The first offset that is not done once these are, or -1 before anything was taken. */
  long positionAfter(Set<Long> done) {
    return open.keySet().stream().filter(offset -> !done.contains(offset)).findFirst().orElse(next);
  }

  /** Open records and how often each was taken, without those that are done. */
  Map<Long, Integer> attemptsAfter(Set<Long> done) {
    Map<Long, Integer> attempts = new TreeMap<>(open);
    attempts.keySet().removeAll(done);
    return attempts;
  }

  /**
   * As {@link #attemptsAfter} of nothing, but for records that are handed over unfinished: to be
   * taken by this process was no attempt that failed.
   */
  Map<Long, Integer> attemptsHandedOver() {
    Map<Long, Integer> attempts = new TreeMap<>();
    open.forEach(
        (offset, attempt) -> {
          if (attempt > 1) {
            attempts.put(offset, attempt - 1);
          }
        });
    return attempts;
  }

  /** The partition went to somebody else: what is under way here is his to do again. */
  void abandon() {
    abandoned = true;
  }

  /** May be asked from any thread. */
  boolean isAbandoned() {
    return abandoned;
  }
}
