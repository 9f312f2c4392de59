package io.smartedit.standalone;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for something to become true, for a limited time. */
final class Waiting {

  private static final long PAUSE_MILLIS = 100;

  private Waiting() {}

  static void until(String what, Duration limit, BooleanSupplier condition) {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException(
            "waited " + limit.toSeconds() + " s for " + what + " in vain");
      }
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for " + what, e);
      }
    }
  }
}
