package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import org.jspecify.annotations.Nullable;

/**
 * What the denoiser paints by.
 *
 * @param text {@code [1, T, C]}
 * @param feature added to the UNet's first activations, {@code [1, C', H, W]}, or none
 */
public record Condition(NDArray text, @Nullable NDArray feature) {

  static Condition of(NDList arrays) {
    return new Condition(arrays.get(0), arrays.size() == 1 ? null : arrays.get(1));
  }

  NDList arrays() {
    return feature == null ? new NDList(text) : new NDList(text, feature);
  }

  @Override
  public String toString() {
    return "Condition" + text.getShape();
  }
}
