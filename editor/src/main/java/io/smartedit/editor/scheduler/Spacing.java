package io.smartedit.editor.scheduler;

import java.util.Arrays;

/** Where a sampler's timesteps lie, and their noise over signal with the one reached last. */
final class Spacing {

  private static final double KARRAS_RHO = 7;

  private Spacing() {}

  /** Evenly from the last training step to 0, fractions allowed. */
  static Schedule fractional(Sampler sampler, NoiseSchedule trained, int steps) {
    double[] timesteps = new double[steps];
    for (int i = 0; i < steps; i++) {
      timesteps[i] =
          steps == 1 ? 0 : (trained.trainingSteps() - 1.0) * (steps - 1 - i) / (steps - 1);
    }
    return toClean(sampler, trained, timesteps);
  }

  /** Evenly from the last training step towards 0, which is left out, rounded to even. */
  static Schedule rounded(Sampler sampler, NoiseSchedule trained, int steps) {
    double[] timesteps = new double[steps];
    for (int i = 0; i < steps; i++) {
      timesteps[i] = Math.rint((trained.trainingSteps() - 1.0) * (steps - i) / steps);
    }
    return toClean(sampler, trained, timesteps);
  }

  /** Whole strides up from 1; the end is the first training step's noise, not none. */
  static Schedule leading(Sampler sampler, NoiseSchedule trained, int steps) {
    int stride = trained.trainingSteps() / steps;
    double[] timesteps = new double[steps];
    for (int i = 0; i < steps; i++) {
      timesteps[i] = Math.min((double) stride * (steps - 1 - i) + 1, trained.trainingSteps() - 1.0);
    }
    return new Schedule(sampler, timesteps, sigmas(trained, timesteps, trained.sigmas()[0]));
  }

  /** Evenly in the seventh root of the noise; timesteps are the nearest of these levels. */
  static Schedule karras(Sampler sampler, NoiseSchedule trained, int steps) {
    double[] levels = trained.sigmas();
    double high = Math.pow(levels[levels.length - 1], 1 / KARRAS_RHO);
    double low = Math.pow(levels[0], 1 / KARRAS_RHO);
    double[] timesteps = new double[steps];
    double[] sigmas = new double[steps + 1];
    for (int i = 0; i < steps; i++) {
      double way = steps == 1 ? 0 : (double) i / (steps - 1);
      sigmas[i] = Math.pow(high + way * (low - high), KARRAS_RHO);
      timesteps[i] = Math.rint(timestep(levels, sigmas[i]));
    }
    return new Schedule(sampler, timesteps, sigmas);
  }

  private static Schedule toClean(Sampler sampler, NoiseSchedule trained, double[] timesteps) {
    return new Schedule(sampler, timesteps, sigmas(trained, timesteps, 0));
  }

  private static double[] sigmas(NoiseSchedule trained, double[] timesteps, double last) {
    double[] levels = trained.sigmas();
    double[] sigmas = new double[timesteps.length + 1];
    for (int i = 0; i < timesteps.length; i++) {
      int below = Math.min((int) timesteps[i], levels.length - 2);
      sigmas[i] = levels[below] + (timesteps[i] - below) * (levels[below + 1] - levels[below]);
    }
    sigmas[timesteps.length] = last;
    return sigmas;
  }

  /** Between the two training steps around a level, by its logarithm. */
  private static double timestep(double[] levels, double sigma) {
    int above = Math.abs(Arrays.binarySearch(levels, sigma) + 1);
    int low = Math.max(0, Math.min(above - 1, levels.length - 2));
    double from = Math.log(levels[low]);
    double share = (Math.log(sigma) - from) / (Math.log(levels[low + 1]) - from);
    return low + Math.max(0, Math.min(1, share));
  }
}
