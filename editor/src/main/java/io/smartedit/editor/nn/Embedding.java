package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;

/** A table of vectors, {@code [rows, C]}. */
public record Embedding(NDArray weight) {

  public static Embedding load(Weights weights, long rows, long width) {
    return new Embedding(weights.get("weight", rows, width));
  }

  /** {@code int64 [B, T] -> [B, T, C]}; the ids are on the table's device. */
  public NDArray forward(NDArray ids) {
    return Ops.embedding(ids, weight);
  }

  @Override
  public String toString() {
    return "Embedding" + weight.getShape();
  }
}
