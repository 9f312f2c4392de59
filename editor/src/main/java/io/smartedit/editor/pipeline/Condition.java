package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/**
 * What the denoiser paints by.
 *
 * @param text {@code [1, T, C]}
 * @param feature added to the UNet's first activations, {@code [1, C', H, W]}, or none
 */
public record Condition(NDArray text, @Nullable NDArray feature) {
  @Override
  public String toString() {
    return "Condition" + text.getShape();
  }
}
