package io.smartedit.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BiPredicate;

/**
 * One stretch of training: which parameters change, and what they are to make small.
 *
 * <p>What a step sees depends on the step's number alone, so that an interrupted run goes on with
 * the very batch that would have come next. Used from one thread.
 */
public interface Stage extends AutoCloseable {

  Setup setup();

  default String name() {
    return setup().name();
  }

  default Plan plan() {
    return setup().plan();
  }

  default ParameterSet parameters() {
    return setup().parameters();
  }

  /**
   * The loss of one batch, a single number with a history.
   *
   * @param manager owns everything that is computed; closed after the batch
   * @param step number of the batch, counted from 0; a step of the optimiser is one or more
   */
  NDArray loss(NDManager manager, long step, Losses parts);

  /** What remains to be done after the weights have changed. */
  default void afterStep() {}

  /** Draws samples of what the stage can do by now. */
  void drawSamples(Path png) throws IOException;

  /** What remains to be done to the model folder once the trained weights are in it. */
  default void finish() throws IOException {}

  @Override
  void close();

  /**
   * What every stage has, and closes.
   *
   * @param name of its folder and in its log
   * @param parameters the weights that change
   * @param weights owner of the nets' arrays
   */
  record Setup(String name, Plan plan, ParameterSet parameters, NDManager weights)
      implements AutoCloseable {

    /** The parameters are those of {@code isTrained}; arrays lie in a manager of their own. */
    public Setup(String name, Plan plan, BiPredicate<Path, String> isTrained) {
      this(name, plan, new ParameterSet(isTrained), NDManager.newBaseManager("PyTorch"));
    }

    @Override
    public void close() {
      parameters.close();
      weights.close();
    }
  }

  /**
   * How long and how fast.
   *
   * @param steps optimiser steps
   * @param batch samples that are computed at once
   * @param accumulated batches whose gradients one step is the mean of
   * @param rate highest learning rate; reached after 4 % of the steps, then falling as a cosine
   * @param averaging of the running mean of the weights that is kept in the end, 0 for none
   */
  record Plan(int steps, int batch, int accumulated, double rate, double averaging) {

    private static final double WARM_UP = 0.04;
    private static final double LAST_SHARE = 0.02;

    public Plan {
      boolean counts = steps >= 1 && batch >= 1 && accumulated >= 1;
      if (!counts || !(rate > 0) || averaging < 0 || averaging >= 1) {
        throw new IllegalArgumentException(
            "steps, batch and accumulated batches start at 1, the rate is above 0, averaging"
                + " below 1: %d, %d, %d, %s, %s"
                    .formatted(steps, batch, accumulated, rate, averaging));
      }
    }

    /** A step a batch. */
    public Plan(int steps, int batch, double rate, double averaging) {
      this(steps, batch, 1, rate, averaging);
    }

    /** The learning rate of a step counted from 0. */
    public double rate(long step) {
      double warm = Math.max(1, WARM_UP * steps);
      if (step < warm) {
        return rate * (step + 1) / warm;
      }
      double done = (step - warm) / Math.max(1, steps - warm);
      return rate * (LAST_SHARE + (1 - LAST_SHARE) * (1 + Math.cos(Math.PI * done)) / 2);
    }
  }
}
