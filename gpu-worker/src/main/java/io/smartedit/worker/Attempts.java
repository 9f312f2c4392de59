package io.smartedit.worker;

/**
 * How often workers died while a request was in their device.
 *
 * @param begun deaths in all
 * @param alone those of them while nothing else was in work
 */
record Attempts(int begun, int alone) {

  static final Attempts NONE = new Attempts(0, 0);

  /** Whether the request may be what killed a worker: it runs alone from now on. */
  boolean isSuspect() {
    return begun > 0;
  }

  /** As they are once the worker that left this mark is dead. */
  Attempts afterDeath(AttemptMark mark) {
    return switch (mark) {
      case NONE -> this;
      case SHARED -> new Attempts(begun + 1, alone);
      case ALONE -> new Attempts(begun + 1, alone + 1);
    };
  }
}
