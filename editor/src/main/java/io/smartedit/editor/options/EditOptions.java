package io.smartedit.editor.options;

import io.smartedit.editor.scheduler.Sampler;

/**
 * How an edit is made.
 *
 * @param steps denoising steps, at least 1 and at most the model's training steps; 100 in the paper
 * @param seed of the noise: the same request with the same seed gives the same image
 * @param size side of the working square in pixels, a multiple of 8
 * @param fit how the source becomes the working image
 * @param restore whether the model's own image is brought back to the source's size, where it is
 *     not composited
 * @param composite whether what the edit changed is laid into the source, at the source's size; the
 *     rest stays the source's own pixels
 * @param sampler how the steps go
 * @param adapters of the UNet
 */
public record EditOptions(
    int steps,
    Guidance guidance,
    long seed,
    int size,
    Fit fit,
    boolean restore,
    boolean composite,
    Sampler sampler,
    Adapters adapters) {

  /** 100 steps, guidance 7.5 and 1.5, seed 0, 256 pixels, square, composited. */
  public static final EditOptions DEFAULT =
      new EditOptions(100, Guidance.DEFAULT, 0, 256, Fit.SQUARE, false, true);

  private static final int GRID = 8;
  private static final int MAX_SIZE = 8192; // the samples of a larger square overflow arrays

  /** How the source becomes the working image. */
  public enum Fit {
    /** The paper's: to a square, proportions ignored. */
    SQUARE,
    /** The source's proportions at the square's area, sides rounded to multiples of 8. */
    ASPECT
  }

  /** Without compositing, and with the sampler that SmartEdit was published with. */
  public EditOptions(int steps, Guidance guidance, long seed, int size, Fit fit, boolean restore) {
    this(steps, guidance, seed, size, fit, restore, false);
  }

  /** With the sampler that SmartEdit was published with. */
  public EditOptions(
      int steps,
      Guidance guidance,
      long seed,
      int size,
      Fit fit,
      boolean restore,
      boolean composite) {
    this(steps, guidance, seed, size, fit, restore, composite, Sampler.EULER_ANCESTRAL);
  }

  /** Without adapters. */
  public EditOptions(
      int steps,
      Guidance guidance,
      long seed,
      int size,
      Fit fit,
      boolean restore,
      boolean composite,
      Sampler sampler) {
    this(steps, guidance, seed, size, fit, restore, composite, sampler, Adapters.NONE);
  }

  public EditOptions {
    if (steps < 1) {
      throw new BadRequestException("steps is " + steps + ", must be at least 1");
    }
    if (size < GRID || size > MAX_SIZE || size % GRID != 0) {
      throw new BadRequestException(
          "size is " + size + ", must be a multiple of " + GRID + " up to " + MAX_SIZE);
    }
  }

  /** The same with other noise. */
  public EditOptions withSeed(long other) {
    return new EditOptions(
        steps, guidance, other, size, fit, restore, composite, sampler, adapters);
  }

  /** The same with these adapters. */
  public EditOptions with(Adapters others) {
    return new EditOptions(steps, guidance, seed, size, fit, restore, composite, sampler, others);
  }
}
