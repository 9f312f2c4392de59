package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;

/**
 * What an adapter adds to a layer's output: {@code b (a x)}, of a rank that is small beside the
 * layer's widths (Hu et al., 2021).
 *
 * @param a {@code [r, in]}; of a convolution {@code [r, in, k, k]}, with the layer's stride and
 *     padding
 * @param b {@code [out, r]}; of a convolution {@code [out, r, 1, 1]}
 */
public record LowRank(NDArray a, NDArray b) {
  @Override
  public String toString() {
    return "LowRank" + a.getShape() + b.getShape();
  }
}
