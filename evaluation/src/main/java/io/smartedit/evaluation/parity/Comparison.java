package io.smartedit.evaluation.parity;

import ai.djl.ndarray.types.Shape;

/**
 * The difference between a tensor of ours and the reference's of that name.
 *
 * @param largest difference, relative to the reference's largest value (for images, whole numbers
 *     and losses: absolute)
 * @param mean difference, likewise
 * @param allowed what {@code largest} may be
 */
public record Comparison(String name, Shape shape, double largest, double mean, double allowed) {

  /** Whether the tensor is close enough; NaN never is. */
  public boolean passes() {
    return largest <= allowed;
  }
}
