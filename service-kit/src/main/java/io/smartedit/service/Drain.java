package io.smartedit.service;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/**
 * Ctrl-C and SIGTERM end a service in order: its action runs, and the process waits until this is
 * closed.
 */
public final class Drain implements AutoCloseable {

  private static final Set<Drain> OPEN = ConcurrentHashMap.newKeySet();

  private final CountDownLatch closed = new CountDownLatch(1);

  /** An open one. */
  public Drain() {
    OPEN.add(this);
  }

  /** Waits until all that are open are closed. */
  public static void awaitAll() {
    OPEN.forEach(Drain::await);
  }

  /** Runs when the process is asked to end. */
  public void onSignal(Runnable action) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  action.run();
                  await();
                },
                "smartedit-drain"));
  }

  @Override
  public void close() {
    closed.countDown();
    OPEN.remove(this);
  }

  private void await() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
