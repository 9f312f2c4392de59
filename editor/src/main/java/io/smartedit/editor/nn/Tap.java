package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;

/**
 * Sees named tensors as they are computed; how parity with the reference is checked on the path
 * that production uses.
 *
 * <p>The array is valid during the call only.
 */
@FunctionalInterface
public interface Tap {
  /** Sees nothing. */
  Tap NONE = (name, tensor) -> {};

  void see(String name, NDArray tensor);
}
