package io.smartedit.editor.nn;

import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * What libtorch computes in this process at present. Thread-safe.
 *
 * <p>The JVM waits a third of a second for threads in native code, then ends the process, and
 * libtorch is torn down under whoever still computes.
 */
public final class Computing {

  /** Shared by all who compute. */
  private static final ReadWriteLock LOCK = new ReentrantReadWriteLock();

  private Computing() {}

  static <T> T during(Supplier<T> computation) {
    LOCK.readLock().lock();
    try {
      return computation.get();
    } finally {
      LOCK.readLock().unlock();
    }
  }

  /**
   * Waits until nothing is computed; from then on whoever would compute waits, for good. To be
   * called where the process ends.
   */
  public static void end() {
    LOCK.writeLock().lock();
  }
}
