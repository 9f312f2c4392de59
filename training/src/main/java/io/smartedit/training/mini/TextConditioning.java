package io.smartedit.training.mini;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.bim.Interaction;
import io.smartedit.editor.clip.TextEncoder;
import io.smartedit.editor.pipeline.NetLoader;
import io.smartedit.editor.text.ClipTokenizer;
import io.smartedit.training.emoji.EmojiEdit;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** The baseline's condition: the text encoder's states of the instruction; nobody looks. */
record TextConditioning(TextEncoder encoder, ClipTokenizer tokenizer) implements Conditioning {

  static TextConditioning load(NetLoader nets, NDManager weights) throws IOException {
    TextEncoder encoder = nets.textEncoder(weights);
    return new TextConditioning(encoder, nets.textTokenizer(encoder));
  }

  @Override
  public Interaction.Modulation modulation(NDManager manager, List<EmojiEdit> batch) {
    return new Interaction.Modulation(
        encode(manager, batch.stream().map(EmojiEdit::instruction).toList()), null);
  }

  @Override
  public NDArray nullText(NDManager manager) {
    return encode(manager, List.of(""));
  }

  private NDArray encode(NDManager manager, List<String> texts) {
    long[] ids = texts.stream().map(tokenizer::encode).flatMapToLong(Arrays::stream).toArray();
    return encoder.forward(manager.create(ids, new Shape(texts.size(), encoder.length())));
  }

  /** The last, which alone has read all others. */
  @Override
  public NDArray summary(NDArray text) {
    return text.get(":, -1");
  }

  @Override
  public int textWidth() {
    return Math.toIntExact(encoder.positions().getShape().get(1));
  }

  @Override
  public int featureWidth() {
    return 0;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
