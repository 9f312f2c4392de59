package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.util.List;

/**
 * A net that libtorch runs in one call, with its weights.
 *
 * <p>Intermediates are freed as soon as nothing needs them; nothing is kept for gradients. Any
 * thread may run it.
 */
public final class Program implements AutoCloseable {

  private final Bridge module;
  private final IValue weights;

  Program(TorchScriptModule source, List<NDArray> weights) {
    this.module = Bridge.program(source);
    this.weights = IValue.listFrom(weights.toArray(PtNDArray[]::new));
  }

  /** Runs the net; the results belong to the manager, which is on the net's device. */
  public NDList run(NDManager manager, NDArray... inputs) {
    PtNDArray[] arrays = new PtNDArray[inputs.length];
    System.arraycopy(inputs, 0, arrays, 0, inputs.length);
    try (IValue list = IValue.listFrom(arrays);
        IValue results = module.runMethod(Recording.METHOD, list, weights)) {
      return results.toNDList((PtNDManager) manager);
    }
  }

  @Override
  public void close() {
    weights.close();
  }
}
