package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;

/** Root-mean-square normalisation over the last axis (LLaMA), computed in single precision. */
public record RmsNorm(NDArray weight, double epsilon) {

  public static RmsNorm load(Weights weights, long width, double epsilon) {
    return new RmsNorm(weights.get("weight", width), epsilon);
  }

  public NDArray forward(NDArray x) {
    return Ops.rmsNorm(x, weight, epsilon);
  }

  @Override
  public String toString() {
    return "RmsNorm" + weight.getShape();
  }
}
