package io.smartedit.editor.scheduler;

import java.util.Locale;

/**
 * A way from noise to an image: which timesteps are taken and how a step goes on from what the net
 * has said so far.
 *
 * <p>Each equals the scheduler of diffusers in its name, with the settings that Stable Diffusion
 * 1.5 has there.
 */
public enum Sampler {
  /**
   * EulerAncestralDiscreteScheduler: adds noise in every step; what SmartEdit was published with.
   */
  EULER_ANCESTRAL,
  /** EulerDiscreteScheduler: the same without the noise. */
  EULER,
  /** DDIMScheduler (Song et al., 2020), without noise. */
  DDIM,
  /** DPMSolverMultistepScheduler, DPM-Solver++ (2M) (Lu et al., 2022). */
  DPMPP_2M,
  /** The same over the noise levels of Karras et al. (2022). */
  DPMPP_2M_KARRAS,
  /** UniPCMultistepScheduler of second order (Zhao et al., 2023). */
  UNIPC;

  /**
   * The steps from pure noise to a clean image.
   *
   * @param steps at least 1
   */
  public Schedule schedule(NoiseSchedule trained, int steps) {
    if (steps < 1 || steps > trained.trainingSteps()) {
      throw new IllegalArgumentException(
          "steps is " + steps + ", must be from 1 to " + trained.trainingSteps());
    }
    return switch (this) {
      case EULER_ANCESTRAL, EULER -> Spacing.fractional(this, trained, steps);
      case DDIM -> Spacing.leading(this, trained, steps);
      case DPMPP_2M, UNIPC -> Spacing.rounded(this, trained, steps);
      case DPMPP_2M_KARRAS -> Spacing.karras(this, trained, steps);
    };
  }

  /** The sampler of a name, in either case, with dashes or underscores. */
  public static Sampler named(String name) {
    for (Sampler sampler : values()) {
      if (sampler.toString().equals(name.toLowerCase(Locale.ROOT).replace('-', '_'))) {
        return sampler;
      }
    }
    throw new IllegalArgumentException(
        "sampler "
            + name
            + " is none of euler_ancestral, euler, ddim, dpmpp_2m, dpmpp_2m_karras, unipc");
  }

  /** Whether latents grow with the noise (Karras et al.) instead of keeping unit variance. */
  boolean addsToSignal() {
    return this == EULER_ANCESTRAL || this == EULER;
  }

  /** Lower-case name, as in requests. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
