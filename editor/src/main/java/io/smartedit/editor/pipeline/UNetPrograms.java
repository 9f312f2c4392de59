package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Program;
import java.util.IdentityHashMap;

/**
 * The UNet with the same adapters in both of its programs.
 *
 * @param read what its transformers read of a text condition
 * @param predict its answer
 */
record UNetPrograms(Program read, Program predict) implements AutoCloseable {

  /** The same with other arrays in the place of some weights. */
  UNetPrograms with(IdentityHashMap<NDArray, NDArray> others) {
    return new UNetPrograms(read.with(others), predict.with(others));
  }

  @Override
  public void close() {
    read.close();
    predict.close();
  }
}
