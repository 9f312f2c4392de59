package io.smartedit.training.mini;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.smartedit.checkpoint.ModelFolder;
import io.smartedit.image.Picture;
import io.smartedit.nn.Linear;
import io.smartedit.pipeline.NetLoader;
import io.smartedit.pipeline.Variant;
import io.smartedit.training.Criteria;
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
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Learning to find: which object an instruction means, where it is and what shall become of it,
 * told by heads on the image tokens' states, on the text condition and on the picture branch.
 *
 * <p>First the LLM learns with the Q-Former and the interaction module; then it is frozen, and the
 * other two go on alone, faster, until the picture branch tells the object from its neighbours. The
 * vision encoder is frozen throughout.
 */
final class FindingStage implements Stage {

  private static final double VECTOR_WEIGHT = 0.5;
  private static final double MASK_WEIGHT = 3;
  private static final int SHOWN = 14;

  private final String name;
  private final Plan plan;
  private final boolean llm;
  private final Practice practice;
  private final NDManager weights = NDManager.newBaseManager("PyTorch");
  private final ParameterSet parameters =
      new ParameterSet((file, tensor) -> isTrained(file.toString(), tensor));
  private final Understanding understanding;
  private final @Nullable OnStates onStates;
  private final Answers.Vector onText;
  private final Linear textMask;
  private final Linear featureMask;

  /**
   * @param llm whether the LLM learns too
   */
  FindingStage(Path root, String name, Practice practice, Plan plan, boolean llm)
      throws IOException {
    this.name = name;
    this.practice = practice;
    this.plan = plan;
    this.llm = llm;
    ModelFolder folder = ModelFolder.open(root);
    NetLoader nets = new NetLoader(folder, parameters);
    understanding = Understanding.load(folder, nets, weights, Variant.SMARTEDIT);
    Heads heads = new Heads(parameters, weights);
    int patches = understanding.vision().side() * understanding.vision().side();
    onStates = llm ? OnStates.of(heads, understanding.stateWidth(), patches) : null;
    onText = Answers.Vector.of(heads, "text", understanding.textWidth());
    textMask = heads.linear("text.mask", understanding.textWidth(), patches);
    featureMask = heads.linear("feature.mask", understanding.featureWidth(), 1);
  }

  /** Heads on the mean of the image tokens' states, while the LLM learns. */
  private record OnStates(Answers.Vector vector, Linear mask) {
    private static OnStates of(Heads heads, int width, int patches) {
      return new OnStates(
          Answers.Vector.of(heads, "states", width), heads.linear("states.mask", width, patches));
    }
  }

  private boolean isTrained(String file, String tensor) {
    boolean reader = file.contains("LLM-") || tensor.startsWith("mm_projector");
    return !file.contains("clip-vision") && (llm || !reader);
  }

  @Override
  public String name() {
    return name;
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
    SplittableRandom random = new SplittableRandom(step);
    List<EmojiEdit> batch = new ArrayList<>();
    for (int i = 0; i < plan.batch(); i++) {
      batch.add(practice.get(step * plan.batch() + i, random));
    }
    Answers answers = new Answers(batch);
    Understanding.Found found = understanding.find(manager, batch);
    float[] patches = answers.mask(understanding.vision().side());
    if (onStates != null) {
      NDArray state = found.states().mean(new int[] {1});
      answers.add(parts, "states", VECTOR_WEIGHT, state, onStates.vector());
      addMask(parts, "states.mask", onStates.mask().forward(state), patches);
    }
    // The LLM's states all know; of the queries one does.
    NDArray text =
        onStates != null
            ? found.modulation().text().mean(new int[] {1})
            : understanding.summary(found.modulation().text());
    answers.add(parts, "text", VECTOR_WEIGHT, text, onText);
    // What the queries tell of the place linearly, the picture branch can attend to.
    addMask(parts, "text.mask", textMask.forward(text), patches);
    NDArray logits = maskLogits(found);
    float[] mask = answers.mask(Understanding.LATENT_SIDE);
    addMask(parts, "mask", logits, mask);
    if (step % 20 == 0) {
      parts.note("overlap", Criteria.overlap(logits, mask));
    }
    return parts.sum(manager);
  }

  private static void addMask(Losses parts, String name, NDArray logits, float[] mask) {
    NDArray wanted = logits.getManager().create(mask, logits.getShape());
    parts.add(name, MASK_WEIGHT, Criteria.binary(logits, wanted));
  }

  /** {@code [B, side * side]}, positive where the object is believed to be. */
  private NDArray maskLogits(Understanding.Found found) {
    return Understanding.cellLogits(
        Objects.requireNonNull(found.modulation().feature()), featureMask);
  }

  /** The picture, and the picture dimmed where the object is not believed to be. */
  @Override
  public void drawSamples(Path png) throws IOException {
    EmojiEdits heldOut = new EmojiEdits(14, Split.HELD_OUT);
    SampleSheet sheet = new SampleSheet();
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      List<EmojiEdit> batch = new ArrayList<>();
      for (int i = 0; i < SHOWN; i++) {
        batch.add(heldOut.get(i));
      }
      float[] logits = maskLogits(understanding.find(manager, batch)).toFloatArray();
      for (int i = 0; i < batch.size(); i++) {
        Picture picture = batch.get(i).source().draw();
        sheet.add(batch.get(i).instruction(), picture, dimmed(picture, logits, i));
      }
    }
    sheet.write(png);
  }

  private static Picture dimmed(Picture picture, float[] logits, int sample) {
    byte[] rgb = picture.rgb().clone();
    int side = Understanding.LATENT_SIDE;
    int cell = Scene.SIDE / side;
    for (int y = 0; y < Scene.SIDE; y++) {
      for (int x = 0; x < Scene.SIDE; x++) {
        int at = (sample * side + y / cell) * side + x / cell;
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
    understanding.close();
    parameters.close();
    weights.close();
  }
}
