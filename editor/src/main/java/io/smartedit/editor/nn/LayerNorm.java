package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;

/** Layer normalisation over the last axis. */
public record LayerNorm(NDArray weight, NDArray bias, double epsilon) {

  public static LayerNorm load(Weights weights, long width, double epsilon) {
    return new LayerNorm(weights.get("weight", width), weights.get("bias", width), epsilon);
  }

  public NDArray forward(NDArray x) {
    return Ops.layerNorm(x, weight, bias, epsilon);
  }

  @Override
  public String toString() {
    return "LayerNorm" + weight.getShape();
  }
}
