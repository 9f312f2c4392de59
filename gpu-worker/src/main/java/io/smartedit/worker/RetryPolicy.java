package io.smartedit.worker;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * The one place that says how long the worker waits before it asks a store, registry or broker
 * again: pauses that double up to a limit, with jitter.
 *
 * @param limit how long an outage is waited for
 * @param random from 0 to 1
 */
record RetryPolicy(Duration limit, DoubleSupplier random) {

  private static final Duration FIRST = Duration.ofMillis(200);
  private static final Duration LONGEST = Duration.ofSeconds(5);
  private static final Duration LONGEST_OURS = Duration.ofSeconds(30);

  /** Before the next try, after {@code tries} that failed over an outage. */
  Duration afterOutage(int tries) {
    return pause(tries, LONGEST);
  }

  /** Before the next try of what somebody has to mend. */
  Duration afterOurs(int tries) {
    return pause(tries, LONGEST_OURS);
  }

  private Duration pause(int tries, Duration longest) {
    long doubled = FIRST.toMillis() << Math.min(20, Math.max(0, tries - 1));
    long most = Math.min(longest.toMillis(), doubled);
    return Duration.ofMillis(most / 2 + (long) (random.getAsDouble() * (most / 2.0)));
  }
}
