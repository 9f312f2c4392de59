package io.smartedit.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.scheduler.NoiseSource;

/** Noise of a training step: the same whenever the step is run again. */
public final class Noise {

  private static final NoiseSource SOURCE = NoiseSource.seeded(2312_06739);

  private Noise() {}

  /** Standard normal. */
  public static NDArray of(NDManager manager, long step, Shape shape) {
    return manager.create(
        SOURCE.gaussian(Math.toIntExact(step), Math.toIntExact(shape.size())), shape);
  }
}
