package io.smartedit.service;

import java.util.concurrent.CountDownLatch;

/**
 * Ctrl-C and SIGTERM end a service in order: its action runs, and the process waits until this is
 * closed.
 */
public final class Drain implements AutoCloseable {

  private final CountDownLatch closed = new CountDownLatch(1);

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
  }

  private void await() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
