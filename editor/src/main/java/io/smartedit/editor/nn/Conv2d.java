package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;

/** A square convolution with bias; weight {@code [out, in, k, k]}. */
public record Conv2d(NDArray weight, NDArray bias, int stride, int padding) {

  /** Kernel 3, stride 1, padding 1. */
  public static Conv2d load3x3(Weights weights, long in, long out) {
    return load(weights, in, out, 3, 1, 1);
  }

  /** Kernel 1. */
  public static Conv2d load1x1(Weights weights, long in, long out) {
    return load(weights, in, out, 1, 1, 0);
  }

  public static Conv2d load(
      Weights weights, long in, long out, int kernel, int stride, int padding) {
    return new Conv2d(
        weights.get("weight", out, in, kernel, kernel), weights.get("bias", out), stride, padding);
  }

  /** {@code [B, in, H, W] -> [B, out, H', W']}. */
  public NDArray forward(NDArray x) {
    return Ops.conv2d(x, weight, bias, stride, padding);
  }

  @Override
  public String toString() {
    return "Conv2d" + weight.getShape();
  }
}
