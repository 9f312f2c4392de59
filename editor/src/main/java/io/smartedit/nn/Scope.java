package io.smartedit.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import java.util.function.Supplier;

/**
 * Frees what a block computes on its way, all but its result.
 *
 * <p>DJL keeps every intermediate array until its manager closes; one self-attention over 64x64
 * latents is most of a gigabyte. A net therefore runs each block in a scope. Scopes nest, per
 * thread. The body must return an array it made, not one it was given. Inside a gradient collector
 * a scope frees only the Java handles: the graph keeps what it needs.
 */
public final class Scope {

  private Scope() {}

  /** Runs the body and frees every array it made except the one it returns. */
  public static NDArray around(Supplier<NDArray> body) {
    NDArray result;
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      result = body.get();
      NDScope.unregister(result);
    }
    NDScope.register(result);
    return result;
  }
}
