package io.smartedit.editor;

import io.smartedit.editor.pipeline.Guidance;

/**
 * How an edit is made.
 *
 * @param steps denoising steps, 1 to 1000; 100 in the paper
 * @param seed of the noise: the same request with the same seed gives the same image
 * @param size side of the working square in pixels, a multiple of 8 from 8 to 1024
 * @param fit how the source becomes the working image
 * @param restore whether the result is brought back to the source's size
 */
public record EditOptions(
    int steps, Guidance guidance, long seed, int size, Fit fit, boolean restore) {

  /** 100 steps, guidance 7.5 and 1.5, seed 0, 256 pixels, square, at working size. */
  public static final EditOptions DEFAULT =
      new EditOptions(100, Guidance.DEFAULT, 0, 256, Fit.SQUARE, false);

  private static final int MAX_STEPS = 1000;
  private static final int MAX_SIZE = 1024;
  private static final int GRID = 8;

  /** How the source becomes the working image. */
  public enum Fit {
    /** The paper's: to a square, proportions ignored. */
    SQUARE,
    /** The source's proportions at the square's area, sides rounded to multiples of 8. */
    ASPECT
  }

  public EditOptions {
    if (steps < 1 || steps > MAX_STEPS) {
      throw new BadRequestException("steps is " + steps + ", must be from 1 to " + MAX_STEPS);
    }
    if (size < GRID || size > MAX_SIZE || size % GRID != 0) {
      throw new BadRequestException(
          "size is " + size + ", must be a multiple of " + GRID + " up to " + MAX_SIZE);
    }
  }
}
