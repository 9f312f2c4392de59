package io.smartedit.worker.fair;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * Start-time fair queueing: who of several is next, so that each gets work done in proportion to
 * its weight while it has some, and what it leaves is the others'. Who comes back after a while has
 * neither saved anything up nor lost anything.
 *
 * <p>After Goyal, Vin and Cheng, "Start-time Fair Queueing" (SIGCOMM 1996): within any time two
 * that have work differ by no more than the largest piece of each over its weight. Not thread-safe.
 */
public final class Turns<K> {

  /** So many idle ones are remembered before those that are owed nothing are forgotten. */
  private static final int REMEMBERED = 1024;

  private final ToDoubleFunction<K> weight;
  private final TreeSet<Turn<K>> waiting =
      new TreeSet<>(Comparator.<Turn<K>>comparingDouble(Turn::start).thenComparing(Turn::order));
  private final Map<K, Turn<K>> turns = new HashMap<>();

  /** Where those stand that have no work now and have had more than their share. */
  private final Map<K, Double> idle = new HashMap<>();

  private double now;
  private long orders;

  private record Turn<K>(K key, double start, long order) {}

  /**
   * @param weight of each, above 0; asked anew for each piece of work
   */
  public Turns(ToDoubleFunction<K> weight) {
    this.weight = weight;
  }

  public boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** It has work from now on. */
  public void join(K key) {
    if (!turns.containsKey(key)) {
      Double before = idle.remove(key);
      stand(key, before == null ? now : Math.max(now, before));
    }
  }

  /** Whose turn it is; some have work. */
  public K next() {
    return waiting.first().key();
  }

  /** A piece of its work begins, and takes {@code cost} of whatever is shared. */
  public void charge(K key, double cost) {
    Turn<K> turn = turns.remove(key);
    if (turn == null) {
      throw new IllegalArgumentException(key + " has no work");
    }
    waiting.remove(turn);
    now = Math.max(now, turn.start());
    stand(key, turn.start() + cost / weight.applyAsDouble(key));
  }

  /** It has no work any more. */
  public void leave(K key) {
    Turn<K> turn = turns.remove(key);
    if (turn == null) {
      return;
    }
    waiting.remove(turn);
    if (turn.start() > now) {
      idle.put(key, turn.start());
    }
    if (idle.size() > REMEMBERED) {
      idle.values().removeIf(start -> start <= now);
    }
  }

  private void stand(K key, double start) {
    Turn<K> turn = new Turn<>(key, start, orders++);
    turns.put(key, turn);
    waiting.add(turn);
  }
}
