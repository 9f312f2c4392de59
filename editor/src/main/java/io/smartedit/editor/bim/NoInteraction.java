package io.smartedit.editor.bim;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Tap;

/** The ablation without interaction: the summary itself is the condition. */
public record NoInteraction() implements Interaction {

  @Override
  public Modulation forward(NDArray summary, NDArray features, NDArray latents, Tap tap) {
    return new Modulation(summary, null);
  }
}
