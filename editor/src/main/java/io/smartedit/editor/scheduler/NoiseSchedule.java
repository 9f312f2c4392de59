package io.smartedit.editor.scheduler;

/**
 * How much noise a training timestep carries: {@code alphaBar[t]} is the share of the signal's
 * variance that is left (Ho et al., 2020).
 */
public record NoiseSchedule(double betaStart, double betaEnd, int trainingSteps) {

  /** Stable Diffusion's: 0.00085 to 0.012, linear in the square root, 1000 steps. */
  public static final NoiseSchedule STABLE_DIFFUSION = new NoiseSchedule(0.00085, 0.012, 1000);

  public NoiseSchedule {
    if (!(0 < betaStart && betaStart < betaEnd && betaEnd < 1) || trainingSteps < 2) {
      throw new IllegalArgumentException(
          "noise schedule needs 0 < beta_start < beta_end < 1 and at least 2 steps, got "
              + betaStart
              + ", "
              + betaEnd
              + ", "
              + trainingSteps);
    }
  }

  /** The running product of {@code 1 - beta}, one a timestep, falling from nearly 1. */
  public double[] alphaBars() {
    double[] bars = new double[trainingSteps];
    double product = 1;
    double low = Math.sqrt(betaStart);
    double high = Math.sqrt(betaEnd);
    for (int t = 0; t < trainingSteps; t++) {
      double root = low + (high - low) * t / (trainingSteps - 1);
      product *= 1 - root * root;
      bars[t] = product;
    }
    return bars;
  }

  /** Noise over signal, {@code sqrt((1 - alphaBar) / alphaBar)}, one a timestep, rising. */
  public double[] sigmas() {
    double[] sigmas = alphaBars();
    for (int t = 0; t < sigmas.length; t++) {
      sigmas[t] = Math.sqrt((1 - sigmas[t]) / sigmas[t]);
    }
    return sigmas;
  }
}
