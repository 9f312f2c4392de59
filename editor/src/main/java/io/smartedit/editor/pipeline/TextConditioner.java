package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.clip.TextEncoder;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.editor.text.ClipTokenizer;

/** InstructPix2Pix's way to a condition: CLIP's text states of the instruction. */
public final class TextConditioner implements Conditioner {

  private final NDManager weights;
  private final TextEncoder encoder;
  private final ClipTokenizer tokenizer;

  TextConditioner(NDManager weights, TextEncoder encoder, ClipTokenizer tokenizer) {
    this.weights = weights;
    this.encoder = encoder;
    this.tokenizer = tokenizer;
  }

  @Override
  public void check(String instruction) {
    int tokens = tokenizer.count(instruction);
    if (tokens > encoder.length()) {
      throw new BadRequestException(
          "instruction takes " + tokens + " tokens, the model has room for " + encoder.length());
    }
  }

  @Override
  public Condition condition(
      NDManager manager, Image image, String instruction, WorkingSize size, Reuse reuse, Tap tap) {
    try (NDManager request = weights.newSubManager()) {
      NDArray text =
          encoder
              .forward(ids(request, tokenizer.encode(instruction)))
              .toType(DataType.FLOAT32, false);
      tap.see("condition.text", text);
      return new Condition(MultimodalConditioner.moved(text, manager), null);
    }
  }

  @Override
  public void close() {
    weights.close();
    tokenizer.close();
  }

  static NDArray ids(NDManager manager, long[] ids) {
    return manager.create(ids, new Shape(1, ids.length));
  }
}
