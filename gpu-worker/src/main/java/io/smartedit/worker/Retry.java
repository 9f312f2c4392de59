package io.smartedit.worker;

import io.smartedit.events.FailureKind;
import io.smartedit.store.StoreException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The one place where the store is asked again: growing pauses with jitter, for a limited time.
 * What cannot be mended by waiting is not retried.
 */
final class Retry {

  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final Duration limit;
  private final BooleanSupplier stopping;

  Retry(Duration limit, BooleanSupplier stopping) {
    this.limit = limit;
    this.stopping = stopping;
  }

  /**
   * @throws InterruptedException where the worker stops meanwhile: another one takes the request
   */
  <T> T call(Supplier<T> action) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    Duration pause = FIRST_PAUSE;
    while (true) {
      try {
        return action.get();
      } catch (StoreException e) {
        switch (e.kind()) {
          case NOT_FOUND, TOO_LARGE, DENIED -> throw EditFailure.rejected(firstLine(e));
          case MISCONFIGURED, UNAVAILABLE -> {
            if (stopping.getAsBoolean()) {
              throw new InterruptedException("the worker stops");
            }
            if (System.nanoTime() > end) {
              throw EditFailure.failed(
                  FailureKind.EXTERNAL,
                  "no proper answer for " + limit.toSeconds() + " s: " + firstLine(e));
            }
          }
        }
      }
      pause(pause);
      pause =
          pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
              ? LONGEST_PAUSE
              : pause.multipliedBy(2);
    }
  }

  private static void pause(Duration pause) throws InterruptedException {
    Thread.sleep(ThreadLocalRandom.current().nextLong(pause.toMillis() / 2, pause.toMillis() + 1));
  }

  private static String firstLine(StoreException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }
}
