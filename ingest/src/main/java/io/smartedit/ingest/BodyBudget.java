package io.smartedit.ingest;

import io.smartedit.service.Problem;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * A bound on the bytes of large bodies that lie in memory together, whoever sends them.
 * Thread-safe.
 */
final class BodyBudget {

  private static final int UNIT = 64 << 10;
  private static final int AGAIN_SECONDS = 2;

  private final Semaphore units;

  BodyBudget(long bytes) {
    units = new Semaphore((int) Math.min(Integer.MAX_VALUE, Math.max(1, bytes / UNIT)));
  }

  /** A share of the heap. */
  static BodyBudget ofHeap() {
    return new BodyBudget(Runtime.getRuntime().maxMemory() / 4);
  }

  /**
   * What comes of a body, for which there is room as long as it is read and used.
   *
   * @param bytes that it says it has, or may have where it does not say
   * @throws Problem 503 where there is no room at present
   */
  <T> T within(long bytes, Supplier<T> use) {
    int wanted = (int) Math.min(Integer.MAX_VALUE, bytes / UNIT + 1);
    if (!units.tryAcquire(wanted)) {
      throw Problem.unavailable(AGAIN_SECONDS, "Too many large bodies at once; send it again.");
    }
    try {
      return use.get();
    } finally {
      units.release(wanted);
    }
  }
}
