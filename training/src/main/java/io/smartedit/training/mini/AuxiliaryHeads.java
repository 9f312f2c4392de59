package io.smartedit.training.mini;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.Linear;
import io.smartedit.training.ParameterSet;

/** Small linear heads that say during training what a net must know; thrown away afterwards. */
final class AuxiliaryHeads {

  private final ParameterSet parameters;
  private final NDManager manager;

  AuxiliaryHeads(ParameterSet parameters, NDManager manager) {
    this.parameters = parameters;
    this.manager = manager;
  }

  Linear linear(String name, int in, int out) {
    NDArray weight =
        manager.randomNormal(0, (float) (1 / Math.sqrt(in)), new Shape(out, in), DataType.FLOAT32);
    return new Linear(
        parameters.add("heads/" + name + ".weight", weight),
        parameters.add("heads/" + name + ".bias", manager.zeros(new Shape(out))));
  }
}
