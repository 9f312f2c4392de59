package io.smartedit.worker;

import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bytes that jobs share. Who wants some waits in line until they are free; who wants more than
 * there are gets all of them, and so works alone. Thread-safe.
 */
final class ByteBudget {

  private static final int UNIT = 1024;

  private final int units;
  private final Semaphore free;

  ByteBudget(long bytes) {
    units = (int) Math.max(1, Math.min(Integer.MAX_VALUE, bytes / UNIT));
    free = new Semaphore(units, true);
  }

  /** Waits for bytes; the lease is to be closed. */
  Lease take(long bytes) throws InterruptedException {
    int wanted = units(bytes);
    free.acquire(wanted);
    return new Lease(wanted);
  }

  /** Bytes that nobody holds. */
  long free() {
    return (long) free.availablePermits() * UNIT;
  }

  private int units(long bytes) {
    return (int) Math.max(1, Math.min(units, (bytes + UNIT - 1) / UNIT));
  }

  /** Bytes that one job holds. */
  final class Lease implements AutoCloseable {
    private final AtomicInteger held;

    private Lease(int units) {
      held = new AtomicInteger(units);
    }

    /** Gives back what is more than this. */
    void shrinkTo(long bytes) {
      int kept = units(bytes);
      int before = held.getAndUpdate(now -> Math.min(now, kept));
      free.release(Math.max(0, before - kept));
    }

    /**
     * Gives all of it back and waits for as many as this instead. Whoever needs more than he has
     * holds nothing meanwhile, so that two of them cannot wait for each other.
     */
    void exchangeFor(long bytes) throws InterruptedException {
      close();
      int wanted = units(bytes);
      free.acquire(wanted);
      held.set(wanted);
    }

    /** Gives all of it back; more than once is once. */
    @Override
    public void close() {
      free.release(held.getAndSet(0));
    }
  }
}
