package io.smartedit.sink.calls;

import java.time.Duration;

/** How the endpoint of a queue does. Used by the stream's thread. */
final class QueueHealth {

  private static final int AT_ONCE = 4;
  private static final Duration SLOW = Duration.ofSeconds(2);

  private int inFlight;
  private int outages;
  private long restsUntil;
  private boolean slow = true; // until it has shown otherwise

  /** How many more calls it may have now: one to see whether it is back, else a few. */
  int room(long now) {
    if (now < restsUntil) {
      return 0;
    }
    return (outages > 0 || slow ? 1 : AT_ONCE) - inFlight;
  }

  boolean isSlow() {
    return slow;
  }

  boolean isIdle() {
    return inFlight == 0;
  }

  void begun() {
    inFlight++;
  }

  void ended(Reply reply) {
    inFlight--;
    slow = reply.took().compareTo(SLOW) > 0;
  }

  void answered() {
    outages = 0;
    restsUntil = 0;
  }

  /** Failures in a row, this one included; those that were under way together count once. */
  int failed(long now) {
    if (now >= restsUntil) {
      outages++;
    }
    return outages;
  }

  void rest(long until) {
    restsUntil = Math.max(restsUntil, until);
  }
}
