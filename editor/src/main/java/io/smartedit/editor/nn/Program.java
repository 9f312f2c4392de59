package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.IValue;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * A net that libtorch runs in one call, with its weights.
 *
 * <p>Intermediates are freed as soon as nothing needs them; nothing is kept for gradients. Any
 * thread may run it.
 */
public final class Program implements AutoCloseable {

  private final Bridge module;
  private final List<NDArray> arrays;
  private final IValue weights;

  Program(TorchScriptModule source, List<NDArray> weights) {
    this(Bridge.program(source), weights);
  }

  private Program(Bridge module, List<NDArray> arrays) {
    this.module = module;
    this.arrays = arrays;
    this.weights = IValue.listFrom(arrays.toArray(PtNDArray[]::new));
  }

  /**
   * The same net with other arrays in the place of some of its weights. The compiler that made this
   * program must be open still.
   */
  public Program with(IdentityHashMap<NDArray, NDArray> others) {
    return new Program(
        module, arrays.stream().map(array -> others.getOrDefault(array, array)).toList());
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
