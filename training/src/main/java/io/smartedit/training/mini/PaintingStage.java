package io.smartedit.training.mini;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.smartedit.editor.bim.Interaction;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.pipeline.NetLoader;
import io.smartedit.editor.pipeline.Slot;
import io.smartedit.editor.scheduler.NoiseSource;
import io.smartedit.editor.scheduler.Sampler;
import io.smartedit.editor.scheduler.Schedule;
import io.smartedit.training.Criteria;
import io.smartedit.training.DiffusionTask;
import io.smartedit.training.Losses;
import io.smartedit.training.Noise;
import io.smartedit.training.SampleSheet;
import io.smartedit.training.Stage;
import io.smartedit.training.emoji.EmojiEdit;
import io.smartedit.training.emoji.EmojiEdit.Change;
import io.smartedit.training.emoji.EmojiEdit.Kind;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The UNet learns to paint, together with what conditions it: Q-Former and interaction module, or
 * the baseline's text encoder. Vision encoder, LLM and autoencoder are frozen.
 *
 * <p>It predicts the offset from the source's latents. The squared error weighs more where noise is
 * little, {@code min(1 / (1 - alphaBar), 3)}, and five-fold where the image is to change. Text and
 * image are dropped as in InstructPix2Pix, 5 % each and 5 % both.
 */
final class PaintingStage implements Stage {

  private static final double MOST_WEIGHT = 3;
  private static final float CHANGED_WEIGHT = 4;
  private static final float CHANGED = 0.15f;
  private static final double HEADS_WEIGHT = 0.1;
  private static final int SHEET_STEPS = 8;

  /** By their place in the model's folder; the text encoder is the baseline's alone. */
  private static final String TRAINED = ".*(qformer|modulate-|unet|text_encoder).*";

  private final Path root;
  private final Curriculum practice;
  private final boolean noisier;
  private final Setup setup;
  private final Conditioning conditioning;
  private final DiffusionTask task;
  private final int side;
  private final double[] alphaBars;
  private final SceneLabels.Vector onText;
  private final @Nullable Linear onFeature;

  /**
   * @param variant what the UNet is told, and which UNet
   * @param noisier much noise more often than little
   * @param precision of the UNet's and the autoencoder's activations; trained weights stay single
   */
  PaintingStage(
      Path root,
      String name,
      Variant variant,
      Curriculum practice,
      boolean noisier,
      Plan plan,
      Precision precision)
      throws IOException {
    this.root = root;
    setup = new Setup(name, plan, (file, tensor) -> isTrained(file));
    this.practice = practice;
    this.noisier = noisier;
    ModelFolder folder = ModelFolder.open(root);
    NDManager weights = setup.weights();
    NetLoader nets = new NetLoader(folder, setup.parameters());
    conditioning = Conditioning.load(folder, nets, weights, variant);
    task =
        new DiffusionTask(
            nets.unet(weights, variant, precision),
            nets.autoencoder(weights, precision),
            conditioning.nullText(weights),
            nets.schedule(),
            nets.prediction(),
            precision);
    side = nets.options().size();
    alphaBars = task.schedule().alphaBars();
    AuxiliaryHeads heads = new AuxiliaryHeads(setup.parameters(), weights);
    onText = SceneLabels.Vector.of(heads, "text", conditioning.textWidth());
    int width = conditioning.featureWidth();
    onFeature = width == 0 ? null : heads.linear("feature.mask", width, 1);
  }

  private boolean isTrained(Path file) {
    return root.relativize(file).toString().matches(TRAINED);
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
      batch.add(edit(step * plan().batch() + i, random));
    }
    Interaction.Modulation modulation = conditioning.modulation(manager, batch);
    SceneLabels answers = new SceneLabels(batch);
    NDArray summary = conditioning.summary(modulation.text());
    answers.add(parts, "text", HEADS_WEIGHT / 2, summary, onText);
    NDArray feature = modulation.feature();
    if (feature != null && onFeature != null) {
      NDArray logits = MultimodalConditioning.cellLogits(feature, onFeature);
      int side = Math.toIntExact(feature.getShape().get(2));
      NDArray mask = manager.create(answers.mask(side), logits.getShape());
      parts.add("mask", 3 * HEADS_WEIGHT, Criteria.binary(logits, mask));
    }
    diffuse(manager, step, batch, modulation, random, parts);
    return parts.sum(manager);
  }

  /** Removing and recolouring are soon learned: half of them make room for replacing. */
  private EmojiEdit edit(long index, SplittableRandom random) {
    EmojiEdit edit = practice.get(index, random);
    boolean soonLearned = edit.change() != Change.REPLACE && edit.kind() != Kind.SEVERAL;
    return soonLearned && random.nextBoolean() ? practice.edits().get(-1 - index) : edit;
  }

  private void diffuse(
      NDManager manager,
      long step,
      List<EmojiEdit> batch,
      Interaction.Modulation modulation,
      SplittableRandom random,
      Losses parts) {
    NDArray source =
        task.encode(manager, batch.stream().map(edit -> edit.source().drawn(side)).toList());
    NDArray target =
        task.encode(manager, batch.stream().map(edit -> edit.target().drawn(side)).toList());
    double scale = task.autoencoder().config().scale();
    DiffusionTask.Draw draw =
        noisier
            ? DiffusionTask.Draw.noisier(batch.size(), alphaBars, random)
            : DiffusionTask.Draw.uniform(batch.size(), alphaBars, random);
    NDArray noise = Noise.of(manager, step, target.getShape());
    DiffusionTask.Answer answer =
        task.withNullText(conditioning.nullText(manager))
            .ask(source, target, modulation, draw, noise);
    NDArray changed = target.sub(source).mul(scale).abs().mean(new int[] {1}, true);
    NDArray where = changed.gt(CHANGED).toType(DataType.FLOAT32, false);
    NDArray error = answer.predicted().sub(answer.wanted()).square();
    NDArray weight =
        where.mul(CHANGED_WEIGHT).add(1).mul(DiffusionTask.column(manager, weights(draw)));
    parts.add("diffusion", 1, error.mul(weight).mean());
    double cells = where.sum().getFloat() * error.getShape().get(1);
    parts.note("inside", error.mul(where).sum().getFloat() / (1 + cells));
    parts.note(
        "outside",
        error
            .mul(where.mul(-1).add(1))
            .mul(DiffusionTask.column(manager, draw.keepImage()))
            .mean()
            .getFloat());
  }

  /** Much where there is little noise. */
  private static float[] weights(DiffusionTask.Draw draw) {
    float[] weights = new float[draw.noise().length];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) Math.min(1 / Math.pow(draw.noise()[i], 2), MOST_WEIGHT);
    }
    return weights;
  }

  /** Source, edit and target of held-out edits. */
  @Override
  public void drawSamples(Path png) throws IOException {
    EmojiEdits heldOut = new EmojiEdits(14, Split.HELD_OUT);
    SampleSheet sheet = new SampleSheet();
    Schedule steps = Sampler.EULER_ANCESTRAL.schedule(task.schedule(), SHEET_STEPS);
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      List<EmojiEdit> batch = new ArrayList<>();
      for (int i = 0; i < 14; i++) {
        batch.add(heldOut.get(i));
      }
      Interaction.Modulation all = conditioning.modulation(manager, batch);
      for (int i = 0; i < batch.size(); i++) {
        Image source = batch.get(i).source().drawn(side);
        Slot.Plan slot = new Slot.Plan(steps, new Guidance(1, 1), NoiseSource.seeded(i));
        Image edited = task.edit(setup.weights(), source, all, i, slot);
        sheet.add(batch.get(i).instruction(), source, edited, batch.get(i).target().drawn(side));
      }
    }
    sheet.write(png);
  }

  @Override
  public void close() {
    conditioning.close();
    setup.close();
  }
}
