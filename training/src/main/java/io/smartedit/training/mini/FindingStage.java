package io.smartedit.training.mini;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.bim.Interaction;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.pipeline.NetLoader;
import io.smartedit.training.Criteria;
import io.smartedit.training.Losses;
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
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Learning to find: which object an instruction means, where it is and what shall become of it,
 * told by heads on the image tokens' states, on the text condition and on the image branch.
 *
 * <p>First the LLM learns with the Q-Former and the interaction module; then it is frozen, and what
 * conditions the UNet goes on alone, faster, until the image branch tells the object from its
 * neighbours. The vision encoder is frozen throughout.
 */
final class FindingStage implements Stage {

  private static final double VECTOR_WEIGHT = 0.5;
  private static final double MASK_WEIGHT = 3;
  private static final int SHOWN = 14;

  /** Cells along a side of the places that a vector tells. */
  private static final int SIDE = 8;

  private final Setup setup;
  private final Curriculum practice;
  private final Conditioning conditioning;
  private final @Nullable OnStates onStates;
  private final SceneLabels.Vector onText;
  private final Linear textMask;
  private final @Nullable Linear featureMask;

  private FindingStage(Setup setup, Curriculum practice, Conditioning conditioning, boolean llm) {
    this.setup = setup;
    this.practice = practice;
    this.conditioning = conditioning;
    AuxiliaryHeads heads = new AuxiliaryHeads(setup.parameters(), setup.weights());
    onStates =
        llm && conditioning instanceof MultimodalConditioning reader
            ? OnStates.of(heads, reader)
            : null;
    onText = SceneLabels.Vector.of(heads, "text", conditioning.textWidth());
    textMask = heads.linear("text.mask", conditioning.textWidth(), SIDE * SIDE);
    int width = conditioning.featureWidth();
    featureMask = width == 0 ? null : heads.linear("feature.mask", width, 1);
  }

  /** The LLM learns too. */
  static FindingStage withLlm(Path root, String name, Curriculum practice, Plan plan)
      throws IOException {
    return open(root, name, practice, plan, Variant.SMARTEDIT, true);
  }

  /** What conditions the UNet learns alone: Q-Former and interaction, or the baseline's text. */
  static FindingStage placing(
      Path root, String name, Curriculum practice, Plan plan, Variant variant) throws IOException {
    return open(root, name, practice, plan, variant, false);
  }

  private static FindingStage open(
      Path root, String name, Curriculum practice, Plan plan, Variant variant, boolean llm)
      throws IOException {
    ModelFolder folder = ModelFolder.open(root);
    Setup setup = new Setup(name, plan, (file, tensor) -> isTrained(file.toString(), tensor, llm));
    Conditioning conditioning =
        Conditioning.load(
            folder, new NetLoader(folder, setup.parameters()), setup.weights(), variant);
    return new FindingStage(setup, practice, conditioning, llm);
  }

  /** AuxiliaryHeads on the mean of the image tokens' states, while the LLM learns. */
  private record OnStates(MultimodalConditioning reader, SceneLabels.Vector vector, Linear mask) {
    private static OnStates of(AuxiliaryHeads heads, MultimodalConditioning reader) {
      int width = reader.stateWidth();
      return new OnStates(
          reader,
          SceneLabels.Vector.of(heads, "states", width),
          heads.linear("states.mask", width, SIDE * SIDE));
    }
  }

  private static boolean isTrained(String file, String tensor, boolean llm) {
    boolean reader = file.contains("LLM-") || tensor.startsWith("mm_projector");
    return !file.contains("clip-vision") && (llm || !reader);
  }

  @Override
  public Setup setup() {
    return setup;
  }

  @Override
  public NDArray loss(NDManager manager, long step, Losses parts) {
    SplittableRandom random = new SplittableRandom(step);
    List<EmojiEdit> batch = new ArrayList<>();
    for (int i = 0; i < plan().batch(); i++) {
      batch.add(practice.get(step * plan().batch() + i, random));
    }
    SceneLabels answers = new SceneLabels(batch);
    float[] patches = answers.mask(SIDE);
    Interaction.Modulation told;
    NDArray text;
    if (onStates == null) {
      told = conditioning.modulation(manager, batch);
      text = conditioning.summary(told.text());
    } else {
      MultimodalConditioning.Found found = onStates.reader().find(manager, batch);
      NDArray state = found.states().mean(new int[] {1});
      answers.add(parts, "states", VECTOR_WEIGHT, state, onStates.vector());
      addMask(parts, "states.mask", onStates.mask().forward(state), patches);
      told = found.modulation();
      text = told.text().mean(new int[] {1});
    }
    answers.add(parts, "text", VECTOR_WEIGHT, text, onText);
    // What the queries tell of the place linearly, the image branch can attend to.
    addMask(parts, "text.mask", textMask.forward(text), patches);
    NDArray feature = told.feature();
    if (feature != null && featureMask != null) {
      NDArray logits = MultimodalConditioning.cellLogits(feature, featureMask);
      float[] mask = answers.mask(MultimodalConditioning.LATENT_SIDE);
      addMask(parts, "mask", logits, mask);
      if (step % 20 == 0) {
        parts.note("overlap", Criteria.overlap(logits, mask));
      }
    }
    return parts.sum(manager);
  }

  private static void addMask(Losses parts, String name, NDArray logits, float[] mask) {
    NDArray wanted = logits.getManager().create(mask, logits.getShape());
    parts.add(name, MASK_WEIGHT, Criteria.binary(logits, wanted));
  }

  /** The image, and the image dimmed where the object is not believed to be. */
  @Override
  public void drawSamples(Path png) throws IOException {
    EmojiEdits heldOut = new EmojiEdits(14, Split.HELD_OUT);
    SampleSheet sheet = new SampleSheet();
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      List<EmojiEdit> batch = new ArrayList<>();
      for (int i = 0; i < SHOWN; i++) {
        batch.add(heldOut.get(i));
      }
      Interaction.Modulation told = conditioning.modulation(manager, batch);
      NDArray feature = told.feature();
      NDArray logits =
          feature == null || featureMask == null
              ? textMask.forward(conditioning.summary(told.text()))
              : MultimodalConditioning.cellLogits(feature, featureMask);
      float[] cells = logits.toFloatArray();
      for (int i = 0; i < batch.size(); i++) {
        Image image = batch.get(i).source().draw();
        sheet.add(batch.get(i).instruction(), image, dimmed(image, cells, i));
      }
    }
    sheet.write(png);
  }

  private static Image dimmed(Image image, float[] logits, int sample) {
    byte[] rgb = image.rgb().clone();
    int side = (int) Math.round(Math.sqrt(logits.length / (double) SHOWN));
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
    return new Image(Scene.SIDE, Scene.SIDE, rgb);
  }

  @Override
  public void close() {
    conditioning.close();
    setup.close();
  }
}
