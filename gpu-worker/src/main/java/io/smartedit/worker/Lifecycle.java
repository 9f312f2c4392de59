package io.smartedit.worker;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether a worker runs, drains, has died of something, or has ended. Thread-safe. */
final class Lifecycle {

  private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

  private final AtomicReference<Throwable> death = new AtomicReference<>();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  /** Nothing new is taken from here on. */
  void stop() {
    stop.countDown();
  }

  /** The worker cannot go on; the first cause is its death. */
  void die(Throwable cause) {
    if (death.compareAndSet(null, cause)) {
      LOG.error("the worker ends", cause);
    }
    stop.countDown();
  }

  boolean isStopping() {
    return stop.getCount() == 0;
  }

  boolean isDead() {
    return death.get() != null;
  }

  Optional<Throwable> death() {
    return Optional.ofNullable(death.get());
  }

  /** Waits, unless the worker stops meanwhile. */
  void rest(Duration pause) {
    try {
      boolean stopped = stop.await(pause.toMillis(), TimeUnit.MILLISECONDS);
      LOG.trace("rested, stopped is {}", stopped);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void end() {
    ended.countDown();
  }

  void awaitEnd() throws InterruptedException {
    ended.await();
  }

  boolean awaitEnd(Duration limit) throws InterruptedException {
    return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }
}
