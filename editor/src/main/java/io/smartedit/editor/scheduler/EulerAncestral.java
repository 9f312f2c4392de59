package io.smartedit.editor.scheduler;

import ai.djl.ndarray.NDArray;

/**
 * The Euler ancestral sampler (Karras et al., 2022; Crowson's ancestral form) as an immutable
 * schedule and a pure step.
 *
 * <p>Numbers are kept in double precision on the host. Any thread may use an instance.
 */
public final class EulerAncestral {

  private final double[] timesteps;
  private final double[] sigmas;

  private EulerAncestral(double[] timesteps, double[] sigmas) {
    this.timesteps = timesteps;
    this.sigmas = sigmas;
  }

  /**
   * Timesteps evenly spaced from the last training step to 0, fractions allowed, and their sigmas
   * by interpolation.
   *
   * @param steps at least 1
   */
  public static EulerAncestral of(NoiseSchedule schedule, int steps) {
    if (steps < 1 || steps > schedule.trainingSteps()) {
      throw new IllegalArgumentException(
          "steps is " + steps + ", must be from 1 to " + schedule.trainingSteps());
    }
    double[] trained = schedule.sigmas();
    double[] timesteps = new double[steps];
    double[] sigmas = new double[steps + 1];
    for (int i = 0; i < steps; i++) {
      double t = steps == 1 ? 0 : (schedule.trainingSteps() - 1.0) * (steps - 1 - i) / (steps - 1);
      int below = Math.min((int) t, trained.length - 2);
      timesteps[i] = t;
      sigmas[i] = trained[below] + (t - below) * (trained[below + 1] - trained[below]);
    }
    return new EulerAncestral(timesteps, sigmas);
  }

  public int steps() {
    return timesteps.length;
  }

  /** The training timestep, possibly fractional, of step {@code i}. */
  public double timestep(int i) {
    return timesteps[i];
  }

  /** Noise level before step {@code i}; {@code sigma(steps())} is 0. */
  public double sigma(int i) {
    return sigmas[i];
  }

  /** Pure noise at the level of the first step. */
  public NDArray start(NDArray noise) {
    return noise.mul(sigmas[0]);
  }

  /** The latents as the UNet wants them: of unit variance. */
  public NDArray scaled(NDArray latents, int i) {
    return latents.div(Math.sqrt(sigmas[i] * sigmas[i] + 1));
  }

  /** The clean latents that a noise prediction implies. */
  public NDArray denoised(NDArray latents, NDArray predictedNoise, int i) {
    return latents.sub(predictedNoise.mul(sigmas[i]));
  }

  /**
   * One step towards the predicted clean latents.
   *
   * @param denoised predicted clean latents, of the shape of {@code latents}
   * @param noise standard normal; without effect in the last step
   * @return latents at noise level {@code sigma(i + 1)}
   */
  public NDArray step(NDArray latents, NDArray denoised, int i, NDArray noise) {
    double from = sigmas[i];
    double to = sigmas[i + 1];
    double up = Math.sqrt(Math.max(0, to * to * (from * from - to * to) / (from * from)));
    double down = Math.sqrt(to * to - up * up);
    NDArray direction = latents.sub(denoised).div(from);
    return latents.add(direction.mul(down - from)).add(noise.mul(up));
  }
}
