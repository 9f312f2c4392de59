package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDScope;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/**
 * Frees what a block computes on its way, all but its result.
 *
 * <p>DJL keeps every intermediate array until its manager closes; one self-attention over 64x64
 * latents is most of a gigabyte. A net therefore runs each block in a scope. Scopes nest, per
 * thread. The body must return arrays it made, not ones it was given.
 *
 * <p>Inside a gradient collector a scope frees nothing. The graph would keep what libtorch owns,
 * but an array made from Java's numbers lies in Java's memory, which the graph does not keep: freed
 * before the backward pass, it would turn gradients into garbage now and then.
 */
public final class Scope {

  private Scope() {}

  /** Runs the body and frees every array it made except the one it returns. */
  public static NDArray around(Supplier<NDArray> body) {
    return aroundAll(() -> new NDList(body.get())).head();
  }

  /** As {@link #around}, for several results. */
  public static NDList aroundAll(Supplier<NDList> body) {
    if (JniUtils.isGradMode()) {
      return body.get();
    }
    NDList results;
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      results = body.get();
      NDScope.unregister(results);
    }
    results.forEach(NDScope::register);
    return results;
  }
}
