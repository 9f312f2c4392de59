package io.smartedit.ingest;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * A request's body that has to keep coming: every body that is waited for holds a thread, and those
 * of clients that send a byte now and then would hold all of them. Read by one thread.
 *
 * <p>What counts is the time for which the client is waited for, and not what is done between.
 */
final class SteadyBody extends FilterInputStream {

  /** Far fewer than the server's threads (250), so that some are always left to answer others. */
  static final int MOST_WAITED_FOR = 100;

  static final Duration GRACE = Duration.ofSeconds(20);

  /** Bytes a second over the whole wait, once the grace is over. */
  static final int LEAST_RATE = 500;

  private static final long MOMENT_MILLIS = 500;

  private final long declared;
  private final Semaphore waits;
  private final LongSupplier nanos;
  private long waited;
  private long bytes;

  /**
   * @param declared bytes that it says it has; -1 where it does not say
   * @param waits a permit for each body that may be waited for at once
   * @param nanos the time, as {@link System#nanoTime}
   */
  SteadyBody(InputStream body, long declared, Semaphore waits, LongSupplier nanos) {
    super(body);
    this.declared = declared;
    this.waits = waits;
    this.nanos = nanos;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /**
   * @throws IOException for a {@link TimeoutException} where the body comes too slowly, or where so
   *     many are waited for that it would have to be there already
   */
  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (bytes == declared || in.available() > 0) {
      return count(in.read(into, offset, length));
    }
    if (!mayWait()) {
      if (in.available() > 0) {
        return count(in.read(into, offset, length));
      }
      throw late(MOST_WAITED_FOR + " bodies are waited for already");
    }
    long begin = nanos.getAsLong();
    int read;
    try {
      read = count(in.read(into, offset, length));
    } finally {
      waits.release();
    }
    waited += nanos.getAsLong() - begin;
    requireRate();
    return read;
  }

  /** Most bodies are only a moment behind their headers. */
  private boolean mayWait() throws IOException {
    try {
      return waits.tryAcquire(MOMENT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the service ends");
    }
  }

  private int count(int read) {
    bytes += Math.max(0, read);
    return read;
  }

  private void requireRate() throws IOException {
    if (waited > GRACE.toNanos() && bytes < LEAST_RATE * (waited / 1e9)) {
      throw late("the body comes with fewer than " + LEAST_RATE + " bytes a second");
    }
  }

  private static IOException late(String why) {
    return new IOException(why, new TimeoutException(why));
  }
}
