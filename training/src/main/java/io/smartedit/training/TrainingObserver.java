package io.smartedit.training;

import java.util.Map;

/** Hears how training goes, on the training thread. */
@FunctionalInterface
public interface TrainingObserver {

  /**
   * After every step.
   *
   * @param step steps done, of {@code steps}
   * @param losses running means by name
   * @param samplesPerSecond since this run began
   */
  void step(
      String stage, long step, long steps, Map<String, Double> losses, double samplesPerSecond);

  /** Whether to save and stop. */
  default boolean isCancelled() {
    return false;
  }
}
