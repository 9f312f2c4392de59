package io.smartedit.training.mini;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.bim.Interaction;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.pipeline.NetLoader;
import io.smartedit.training.emoji.EmojiEdit;
import java.io.IOException;
import java.util.List;

/** What the UNet is told of a batch of edits, with a history through all that learns. */
interface Conditioning extends AutoCloseable {

  /** Loads what the variant is conditioned by. */
  static Conditioning load(ModelFolder folder, NetLoader nets, NDManager weights, Variant variant)
      throws IOException {
    return variant == Variant.INSTRUCT_PIX2PIX
        ? TextConditioning.load(nets, weights)
        : MultimodalConditioning.load(folder, nets, weights, variant);
  }

  /** Of the instructions, and of the images where the model reads them. */
  Interaction.Modulation modulation(NDManager manager, List<EmojiEdit> batch);

  /** Stands for a dropped instruction, {@code [1, T, C]}. */
  NDArray nullText(NDManager manager);

  /** The one vector of a text condition that knows it all, {@code [B, C]}. */
  NDArray summary(NDArray text);

  /** Width of the text condition. */
  int textWidth();

  /** Width of the image branch; 0 where there is none. */
  int featureWidth();

  @Override
  void close();
}
