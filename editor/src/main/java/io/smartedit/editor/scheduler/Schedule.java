package io.smartedit.editor.scheduler;

import java.util.List;

/**
 * The steps of one denoising, as numbers: every sampler's step is a sum of arrays that are known by
 * then, and this says how much of each.
 *
 * <p>Kept in double precision on the host; immutable. Clean latents that the net predicted are
 * {@code denoised}, the newest first.
 */
public final class Schedule {

  private final Sampler sampler;
  private final double[] timesteps;
  private final double[] sigmas;

  Schedule(Sampler sampler, double[] timesteps, double[] sigmas) {
    this.sampler = sampler;
    this.timesteps = timesteps;
    this.sigmas = sigmas;
  }

  /**
   * A sum of arrays.
   *
   * @param latents share of the latents that the step begins with
   * @param denoised shares of the predictions, this step's first
   * @param noise share of fresh standard normal noise
   */
  public record Sum(double latents, List<Double> denoised, double noise) {
    public Sum {
      denoised = List.copyOf(denoised);
    }
  }

  public int steps() {
    return timesteps.length;
  }

  /** The training timestep, possibly fractional, of step {@code i}. */
  public double timestep(int i) {
    return timesteps[i];
  }

  /** Noise over signal before step {@code i}, and after the last. */
  public double sigma(int i) {
    return sigmas[i];
  }

  /** What standard normal noise is multiplied by to begin with. */
  public double start() {
    return sampler.addsToSignal() ? sigmas[0] : 1;
  }

  /** What latents are multiplied by to have unit variance, as the net wants them. */
  public double inputScale(int i) {
    return sampler.addsToSignal() ? 1 / Math.sqrt(sigmas[i] * sigmas[i] + 1) : 1;
  }

  /** Clean latents that latents and a prediction of their noise imply: {@code a x + b noise}. */
  public double[] clean(int i) {
    return new double[] {1 / signal(i), -noise(i) / signal(i)};
  }

  /** How many earlier predictions a step may look back on. */
  public int memory() {
    return switch (sampler) {
      case EULER_ANCESTRAL, EULER, DDIM -> 0;
      case DPMPP_2M, DPMPP_2M_KARRAS -> 1;
      case UNIPC -> 2;
    };
  }

  /** Whether {@link #correction} is made before a step. */
  public boolean corrects() {
    return sampler == Sampler.UNIPC;
  }

  /**
   * The latents of step {@code i} made anew, knowing what the net says of them.
   *
   * @param i at least 1
   * @return {@code latents} stands for those that the step before began with
   */
  public Sum correction(int i) {
    double step = logSnr(i) - logSnr(i - 1);
    double growth = Math.expm1(-step);
    double share = -signal(i) * growth;
    double keep = noise(i) / noise(i - 1);
    if (order(i - 1) == 1) {
      return new Sum(keep, List.of(share / 2, share / 2), 0);
    }
    double back = (logSnr(i - 2) - logSnr(i - 1)) / step;
    double phi1 = growth / -step - 1;
    double b1 = phi1 / growth;
    double b2 = 2 * (phi1 / -step - 0.5) / growth;
    double older = (b2 - b1) / (back - 1);
    double newest = b1 - older;
    return new Sum(
        keep,
        List.of(share * newest, share * (1 - newest - older / back), share * older / back),
        0);
  }

  /** The latents after step {@code i}. */
  public Sum next(int i) {
    return switch (sampler) {
      case EULER_ANCESTRAL -> ancestral(sigmas[i], sigmas[i + 1]);
      case EULER -> towards(i);
      case DDIM -> towards(i);
      case DPMPP_2M, DPMPP_2M_KARRAS, UNIPC -> order(i) == 1 ? towards(i) : extrapolated(i);
    };
  }

  private static Sum ancestral(double from, double to) {
    double up = Math.sqrt(Math.max(0, to * to * (from * from - to * to) / (from * from)));
    double down = Math.sqrt(to * to - up * up);
    return new Sum(down / from, List.of(1 - down / from), up);
  }

  /** Straight on: the noise shrinks, what is predicted takes its place. */
  private Sum towards(int i) {
    double keep = noise(i + 1) / noise(i);
    return new Sum(keep, List.of(signal(i + 1) - signal(i) * keep), 0);
  }

  /** As if the prediction went on changing as it did. */
  private Sum extrapolated(int i) {
    double keep = noise(i + 1) / noise(i);
    double share = signal(i + 1) - signal(i) * keep;
    double ratio = (logSnr(i) - logSnr(i - 1)) / (logSnr(i + 1) - logSnr(i));
    double slope = share / (2 * ratio);
    return new Sum(keep, List.of(share + slope, -slope), 0);
  }

  /** First where nothing is known yet, and last where diffusers plays safe. */
  private int order(int i) {
    boolean last = i == steps() - 1;
    return i == 0 || last ? 1 : 2;
  }

  private double signal(int i) {
    return sampler.addsToSignal() ? 1 : 1 / Math.sqrt(sigmas[i] * sigmas[i] + 1);
  }

  private double noise(int i) {
    return sigmas[i] * signal(i);
  }

  private double logSnr(int i) {
    return -Math.log(sigmas[i]);
  }
}
