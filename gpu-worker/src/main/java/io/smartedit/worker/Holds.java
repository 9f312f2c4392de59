package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why the worker takes nothing at present: something is wrong that only whoever runs it can mend,
 * such as credentials or a missing bucket. Nothing is rejected for it.
 *
 * <p>Work that met it is tried again at growing pauses and so finds out when it is mended. Where no
 * such work is left, the hold lapses after its next try was due, and the next request finds out.
 * Thread-safe.
 */
final class Holds {

  private static final Logger LOG = LoggerFactory.getLogger(Holds.class);
  private static final long GRACE = Duration.ofSeconds(5).toNanos();

  private final Ticker ticker;
  private final Map<String, Hold> holds = new ConcurrentHashMap<>();

  private record Hold(String reason, long lapses) {}

  Holds(Ticker ticker) {
    this.ticker = ticker;
  }

  /** Something is wrong with {@code what}; it is tried again after {@code pause}. */
  void report(String what, String reason, Duration pause) {
    long lapses = ticker.read() + pause.toNanos() + GRACE;
    Hold before = holds.put(what, new Hold(reason, lapses));
    if (before == null || !before.reason().equals(reason)) {
      LOG.error("nothing is taken until this is mended: {}: {}", what, reason);
    }
  }

  /** {@code what} works. */
  void clear(String what) {
    if (!holds.isEmpty() && holds.remove(what) != null) {
      LOG.info("{} works again", what);
    }
  }

  /** Why nothing is taken, where nothing is. */
  Optional<String> reason() {
    if (holds.isEmpty()) {
      return Optional.empty();
    }
    long now = ticker.read();
    holds.values().removeIf(hold -> now - hold.lapses() > 0);
    return holds.entrySet().stream()
        .findFirst()
        .map(entry -> entry.getKey() + ": " + entry.getValue().reason());
  }
}
