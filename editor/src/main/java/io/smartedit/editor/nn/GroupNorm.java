package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;

/** Group normalisation (Wu and He, 2018) over {@code [B, C, H, W]} with per-channel scale. */
public record GroupNorm(NDArray weight, NDArray bias, int groups, double epsilon) {

  public static GroupNorm load(Weights weights, long channels, int groups, double epsilon) {
    return new GroupNorm(
        weights.get("weight", channels), weights.get("bias", channels), groups, epsilon);
  }

  public NDArray forward(NDArray x) {
    return Ops.groupNorm(x, groups, weight, bias, epsilon);
  }

  /** {@code silu(norm(x))}, the pair that opens every convolution of the diffusion nets. */
  public NDArray forwardSilu(NDArray x) {
    return Ops.groupNormSilu(x, groups, weight, bias, epsilon);
  }

  @Override
  public String toString() {
    return "GroupNorm" + weight.getShape();
  }
}
