package io.smartedit.training.mini;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.bim.Interaction;
import io.smartedit.checkpoint.ModelFolder;
import io.smartedit.clip.VisionEncoder;
import io.smartedit.image.Picture;
import io.smartedit.llama.Llama;
import io.smartedit.nn.Linear;
import io.smartedit.nn.Precision;
import io.smartedit.nn.Tap;
import io.smartedit.pipeline.NetLoader;
import io.smartedit.pipeline.Variant;
import io.smartedit.qformer.QFormer;
import io.smartedit.training.Losses;
import io.smartedit.training.ParameterSet;
import io.smartedit.training.SampleSheet;
import io.smartedit.training.Stage;
import io.smartedit.training.emoji.EmojiEdit;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import io.smartedit.training.emoji.Scene;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * LLM, Q-Former and interaction module learn to find: which object an instruction means, where it
 * is and what shall become of it, told by heads on the image tokens' states, on the text condition
 * and on the picture branch. The vision encoder is frozen.
 */
final class FindingStage implements Stage {

  private static final int LATENT_SIDE = 16;

  private final Plan plan;
  private final EmojiEdits edits = new EmojiEdits(13, Split.TRAIN);
  private final NDManager weights = NDManager.newBaseManager("PyTorch");
  private final ParameterSet parameters =
      new ParameterSet((file, name) -> !file.toString().contains("clip-vision"));
  private final VisionEncoder vision;
  private final BatchReader reader;
  private final QFormer qformer;
  private final Interaction interaction;
  private final Answers.Vector onStates;
  private final Answers.Vector onText;
  private final Linear stateMask;
  private final Linear featureMask;

  FindingStage(Path root, Plan plan) throws IOException {
    this.plan = plan;
    NetLoader nets = new NetLoader(ModelFolder.open(root), parameters);
    vision = nets.vision(weights, Precision.FP32);
    Llama llama = nets.llama(weights, Precision.FP32);
    Linear projector = nets.projector(weights, llama, Precision.FP32);
    reader = new BatchReader(projector, llama, nets.tokenizer(llama));
    qformer = nets.qformer(weights);
    interaction = nets.interaction(weights, Variant.SMARTEDIT);
    Heads heads = new Heads(parameters, weights);
    int width = llama.config().width();
    int textWidth = Math.toIntExact(qformer.queries().getShape().get(2));
    onStates = Answers.Vector.of(heads, "states", width);
    stateMask = heads.linear("states.mask", width, vision.side() * vision.side());
    onText = Answers.Vector.of(heads, "text", textWidth);
    featureMask = heads.linear("feature.mask", 64, 1);
  }

  @Override
  public String name() {
    return "3-finding";
  }

  @Override
  public Plan plan() {
    return plan;
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public NDArray loss(NDManager manager, long step, Losses parts) {
    List<EmojiEdit> batch = batch(step);
    Answers answers = new Answers(batch);
    Found found = find(manager, batch);
    NDArray state = found.states.mean(new int[] {1});
    answers.add(parts, "states", 0.5, state, onStates);
    NDArray wanted = manager.create(answers.mask(vision.side())).reshape(batch.size(), -1);
    parts.add("states.mask", 3, Criteria.binary(stateMask.forward(state), wanted));
    answers.add(parts, "text", 0.5, found.modulation.text().mean(new int[] {1}), onText);
    NDArray logits = maskLogits(found.modulation);
    float[] mask = answers.mask(LATENT_SIDE);
    parts.add("mask", 3, Criteria.binary(logits, manager.create(mask, logits.getShape())));
    if (step % 20 == 0) {
      parts.note("overlap", Criteria.overlap(logits, mask));
    }
    return parts.sum(manager);
  }

  private List<EmojiEdit> batch(long step) {
    List<EmojiEdit> batch = new ArrayList<>();
    for (int i = 0; i < plan.batch(); i++) {
      batch.add(edits.get(step * plan.batch() + i));
    }
    return batch;
  }

  private record Found(NDArray states, Interaction.Modulation modulation) {}

  private Found find(NDManager manager, List<EmojiEdit> batch) {
    List<Picture> pictures = batch.stream().map(edit -> edit.source().draw()).toList();
    NDArray features = vision.forward(Pictures.forClip(manager, pictures, vision.imageSize()));
    NDArray states = reader.read(features, batch.stream().map(EmojiEdit::instruction).toList());
    NDArray summary = qformer.forward(states);
    NDArray latents = manager.zeros(new Shape(1, 1, LATENT_SIDE, LATENT_SIDE));
    return new Found(states, interaction.forward(summary, features, latents, Tap.NONE));
  }

  /** {@code [B, side * side]}, positive where the object is believed to be. */
  private NDArray maskLogits(Interaction.Modulation modulation) {
    NDArray feature = java.util.Objects.requireNonNull(modulation.feature());
    long batch = feature.getShape().get(0);
    NDArray cells = feature.reshape(batch, feature.getShape().get(1), -1).transpose(0, 2, 1);
    return featureMask.forward(cells).squeeze(2);
  }

  /** The picture, and the picture dimmed where the object is not believed to be. */
  @Override
  public void drawSamples(Path png) throws IOException {
    EmojiEdits heldOut = new EmojiEdits(14, Split.HELD_OUT);
    SampleSheet sheet = new SampleSheet();
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      List<EmojiEdit> batch = new ArrayList<>();
      for (int i = 0; i < 14; i++) {
        batch.add(heldOut.get(i));
      }
      float[] logits = maskLogits(find(manager, batch).modulation).toFloatArray();
      for (int i = 0; i < batch.size(); i++) {
        Picture picture = batch.get(i).source().draw();
        sheet.add(batch.get(i).instruction(), picture, dimmed(picture, logits, i));
      }
    }
    sheet.write(png);
  }

  private static Picture dimmed(Picture picture, float[] logits, int sample) {
    byte[] rgb = picture.rgb().clone();
    int cell = Scene.SIDE / LATENT_SIDE;
    for (int y = 0; y < Scene.SIDE; y++) {
      for (int x = 0; x < Scene.SIDE; x++) {
        int at = (sample * LATENT_SIDE + y / cell) * LATENT_SIDE + x / cell;
        double share = 0.15 + 0.85 / (1 + Math.exp(-logits[at]));
        for (int c = 0; c < 3; c++) {
          int i = (y * Scene.SIDE + x) * 3 + c;
          rgb[i] = (byte) Math.round((rgb[i] & 0xFF) * share);
        }
      }
    }
    return new Picture(Scene.SIDE, Scene.SIDE, rgb);
  }

  @Override
  public void close() {
    reader.tokenizer().close();
    weights.close();
  }
}
