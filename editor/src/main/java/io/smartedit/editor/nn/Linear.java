package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/** {@code y = x W^T + b}; weight {@code [out, in]}, bias {@code [out]} or none. */
public record Linear(NDArray weight, @Nullable NDArray bias) {

  public static Linear load(Weights weights, long in, long out) {
    return new Linear(weights.get("weight", out, in), weights.get("bias", out));
  }

  public static Linear loadWithoutBias(Weights weights, long in, long out) {
    return new Linear(weights.get("weight", out, in), null);
  }

  /** {@code [..., in] -> [..., out]}. */
  public NDArray forward(NDArray x) {
    return Ops.linear(x, weight, bias);
  }

  @Override
  public String toString() {
    return "Linear" + weight.getShape();
  }
}
