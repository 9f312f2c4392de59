package io.smartedit.sink;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Takes what is too old out of a store, a slice at each call, round and round, so that the time of
 * a call does not grow with the store. Used by the stream's thread.
 */
final class RetentionSweep<V> {

  /**
   * How often a slice is due. A slice each time keeps up with more requests than a sink answers.
   */
  static final Duration PAUSE = Duration.ofSeconds(1);

  /** A day more than {@code edits.requested} keeps its records. */
  static final Duration MEMORY = Duration.ofDays(8);

  static final int SLICE = 1000;

  /** Between two rounds: what is kept for days need not go within the second. */
  static final Duration REST = Duration.ofHours(1);

  private final KeyValueStore<String, V> store;
  private final ToLongFunction<V> millis;
  private @Nullable String next;
  private long restsUntil = Long.MIN_VALUE;

  /** {@code millis} says since when an entry is what it is, in milliseconds since 1970. */
  RetentionSweep(KeyValueStore<String, V> store, ToLongFunction<V> millis) {
    this.store = store;
    this.millis = millis;
  }

  /** Looks at the next slice, where it is time for it. */
  void slice(long now) {
    if (now < restsUntil) {
      return;
    }
    List<String> old = new ArrayList<>();
    try (KeyValueIterator<String, V> entries = store.range(next, null)) {
      for (int i = 0; i < SLICE && entries.hasNext(); i++) {
        KeyValue<String, V> entry = entries.next();
        if (now - millis.applyAsLong(entry.value) > MEMORY.toMillis()) {
          old.add(entry.key);
        }
      }
      next = entries.hasNext() ? entries.peekNextKey() : null;
    }
    if (next == null) {
      restsUntil = now + REST.toMillis();
    }
    old.forEach(store::delete);
  }
}
