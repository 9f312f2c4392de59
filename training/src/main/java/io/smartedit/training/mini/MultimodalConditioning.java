package io.smartedit.training.mini;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.bim.BidirectionalInteraction;
import io.smartedit.editor.bim.Interaction;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.clip.VisionEncoder;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.llama.Llama;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.pipeline.Assembler;
import io.smartedit.editor.pipeline.NetLoader;
import io.smartedit.editor.qformer.QFormer;
import io.smartedit.editor.text.LlamaTokenizer;
import io.smartedit.editor.text.PromptTemplate;
import io.smartedit.training.BatchEncoder;
import io.smartedit.training.Images;
import io.smartedit.training.emoji.EmojiEdit;
import java.io.IOException;
import java.util.List;

/** Everything before the UNet, for a batch: look, read, summarise, interact. */
record MultimodalConditioning(
    VisionEncoder vision,
    LlamaTokenizer tokenizer,
    BatchEncoder reader,
    QFormer qformer,
    Interaction interaction,
    NDArray nullText)
    implements Conditioning {

  /** Cells along a side of the latents. */
  static final int LATENT_SIDE = 16;

  static MultimodalConditioning load(
      ModelFolder folder, NetLoader nets, NDManager weights, Variant variant) throws IOException {
    Llama llama = nets.llama(weights, Precision.FP32);
    LlamaTokenizer tokenizer = nets.tokenizer(llama);
    Linear projector = nets.projector(weights, llama, Precision.FP32);
    return new MultimodalConditioning(
        nets.vision(weights, Precision.FP32),
        tokenizer,
        new BatchEncoder(projector, llama, tokenizer.idOf("<img_0>")),
        nets.qformer(weights),
        nets.interaction(weights, variant),
        new Assembler(folder).nullText(weights));
  }

  /**
   * What was understood.
   *
   * @param states at the image tokens, {@code [B, 32, C]}
   */
  record Found(NDArray states, Interaction.Modulation modulation) {}

  Found find(NDManager manager, List<EmojiEdit> batch) {
    List<Image> images =
        batch.stream().map(edit -> edit.source().drawn(vision.imageSize())).toList();
    NDArray features = vision.forward(Images.forClip(manager, images, vision.imageSize()));
    int[][] ids =
        batch.stream()
            .map(edit -> tokenizer.encode(PromptTemplate.render(edit.instruction())))
            .toArray(int[][]::new);
    NDArray states = BatchEncoder.imageStates(reader.hidden(features, ids), ids, 0);
    NDArray summary = qformer.forward(states);
    NDArray latents = manager.zeros(new Shape(1, 1, LATENT_SIDE, LATENT_SIDE));
    return new Found(states, interaction.forward(summary, features, latents, Tap.NONE));
  }

  int stateWidth() {
    return reader.llama().config().width();
  }

  @Override
  public Interaction.Modulation modulation(NDManager manager, List<EmojiEdit> batch) {
    return find(manager, batch).modulation();
  }

  @Override
  public NDArray nullText(NDManager manager) {
    return nullText;
  }

  /** The first query; the others may specialise. */
  @Override
  public NDArray summary(NDArray text) {
    return text.get(":, 0");
  }

  @Override
  public int textWidth() {
    return Math.toIntExact(qformer.queries().getShape().get(2));
  }

  @Override
  public int featureWidth() {
    return interaction instanceof BidirectionalInteraction both
        ? Math.toIntExact(both.toUnet().weight().getShape().get(0))
        : 0;
  }

  /** One logit a cell, {@code [B, H * W]}, of a feature {@code [B, C, H, W]}. */
  static NDArray cellLogits(NDArray feature, Linear head) {
    Shape shape = feature.getShape();
    NDArray cells = feature.reshape(shape.get(0), shape.get(1), -1).transpose(0, 2, 1);
    return head.forward(cells).squeeze(2);
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
