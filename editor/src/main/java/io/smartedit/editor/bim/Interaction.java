package io.smartedit.editor.bim;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Tap;
import org.jspecify.annotations.Nullable;

/**
 * How the instruction's summary and the image's features meet before the UNet: SmartEdit's
 * bidirectional module, or one of the paper's two ablations.
 */
public sealed interface Interaction
    permits BidirectionalInteraction, OneWayInteraction, NoInteraction {

  /**
   * @param summary the Q-Former's output, {@code [B, Q, C]}
   * @param features the vision encoder's patches, {@code [B, side * side, C']}
   * @param latents any array with the height and width of the latents, {@code [.., .., H, W]}
   */
  Modulation forward(NDArray summary, NDArray features, NDArray latents, Tap tap);

  /**
   * What the UNet is given.
   *
   * @param text the text condition, {@code [B, Q, C]}
   * @param feature added after the UNet's first convolution, {@code [B, unetChannels, H, W]}; none
   *     in the ablations
   */
  record Modulation(NDArray text, @Nullable NDArray feature) {
    @Override
    public String toString() {
      return "Modulation" + text.getShape();
    }
  }
}
