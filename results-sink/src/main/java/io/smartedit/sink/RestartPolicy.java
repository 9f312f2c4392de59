package io.smartedit.sink;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.kafka.streams.errors.LockException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens when a thread of the stream dies: another takes its place after a pause that doubles
 * from a second to a minute as long as they keep dying. An {@link Error} ends the sink.
 * Thread-safe.
 */
final class RestartPolicy implements StreamsUncaughtExceptionHandler, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RestartPolicy.class);
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** Without a death for so long, the next one is the first again. */
  private static final Duration CALM = Duration.ofMinutes(5);

  private final CountDownLatch closing = new CountDownLatch(1);
  private final LongSupplier clock;
  private final Rest rests;
  private Duration pause = FIRST;
  private @Nullable Long last;
  private volatile @Nullable String waiting;

  /** How time is spent; false where the sink closes meanwhile. */
  interface Rest {
    boolean take(Duration pause) throws InterruptedException;
  }

  RestartPolicy() {
    this.clock = System::nanoTime;
    this.rests = rest -> !closing.await(rest.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** With another clock, in nanoseconds, and other rests. */
  RestartPolicy(LongSupplier clock, Rest rests) {
    this.clock = clock;
    this.rests = rests;
  }

  @Override
  public StreamThreadExceptionResponse handle(Throwable death) {
    String reason = reason(death);
    if (death instanceof Error) {
      LOG.error("the sink ends: {}", reason, death);
      waiting = reason;
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    Duration rest = next();
    LOG.warn("the stream rests for {} s: {}", rest.toSeconds(), reason, death);
    waiting = reason;
    try {
      if (!rests.take(rest)) {
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }
    waiting = null;
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  /** How long to rest before the next attempt. */
  private synchronized Duration next() {
    long now = clock.getAsLong();
    boolean calm = last == null || now - last > CALM.toNanos();
    pause = calm ? FIRST : pause.multipliedBy(2);
    pause = pause.compareTo(LONGEST) > 0 ? LONGEST : pause;
    last = now + pause.toNanos();
    return pause;
  }

  /** Why the stream rests, or null where it does not. */
  @Nullable String waiting() {
    return waiting;
  }

  private static String reason(Throwable death) {
    Throwable root = death;
    boolean state = false;
    while (root.getCause() != null) {
      state |= root instanceof ProcessorStateException && !(root instanceof LockException);
      root = root.getCause();
    }
    String said = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    return state || root instanceof ProcessorStateException
        ? "the state folder (sink.state) cannot be used: "
            + said
            + "; is the disk full? A damaged folder may be deleted: it is rebuilt from Kafka"
        : said;
  }

  /** Ends every pause. */
  @Override
  public void close() {
    closing.countDown();
  }
}
