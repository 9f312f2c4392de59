package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.smartedit.editor.nn.Ops;
import java.util.ArrayList;
import java.util.List;

/** A sum of arrays that is collected first and computed in one call. */
final class Blend {

  private final NDList arrays = new NDList();
  private final List<Double> shares = new ArrayList<>();

  /** Adds so much of an array; what counts nothing is left out. */
  Blend add(double share, NDArray array) {
    if (share != 0) {
      arrays.add(array);
      shares.add(share);
    }
    return this;
  }

  /** The sum; it belongs to the first array's manager. */
  NDArray sum() {
    return Ops.blend(arrays, shares.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
