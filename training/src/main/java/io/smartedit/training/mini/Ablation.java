package io.smartedit.training.mini;

import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.options.Variant;
import io.smartedit.training.ModelCopy;
import io.smartedit.training.Stage;
import io.smartedit.training.Trainer;
import io.smartedit.training.TrainingObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The paper's Table 2 on drawn images: what becomes of a model whose interaction module is
 * replaced, or that has no LLM.
 *
 * <p>Every variant is a copy of one trained smartedit-mini. What stands between the Q-Former and
 * the UNet begins anew, whatever it is; the baseline gets an untrained text encoder in the place of
 * all that reads. First what conditions the UNet learns alone to find, then both learn to paint.
 * Edits, their order, noise, steps and rates are the same for all.
 */
public final class Ablation {

  private static final int SEED = 21;
  private static final int BATCH = 32;

  private final Path from;
  private final Path to;
  private final Path work;

  /**
   * @param from a smartedit-mini; stays as it is
   * @param to where the variant is made, unless it is there, and learns
   * @param work where the state of training, logs and sample images are kept
   */
  public Ablation(Path from, Path to, Path work) {
    this.from = from;
    this.to = to;
    this.work = work;
  }

  /**
   * Trains, or goes on where an earlier run stopped. The model is then run as the variant.
   *
   * @param placing steps of finding alone
   * @param painting steps of finding and painting; of {@value #BATCH} edits both
   * @param precision of the UNet's and the autoencoder's activations
   * @return whether it is done; false where the observer cancelled
   */
  public boolean run(
      Variant variant, int placing, int painting, Precision precision, TrainingObserver observer)
      throws IOException {
    String name = variant.name().toLowerCase(Locale.ROOT);
    String first = name + "-1-placing";
    String second = name + "-2-painting";
    Curriculum practice = new Curriculum(SEED, 0);
    if (!Files.exists(to)) {
      ModelCopy.exact(from, to);
    }
    if (!Trainer.isBegun(work, first)) {
      begin(variant);
    }
    Stage.Plan finding = new Stage.Plan(placing, BATCH, 2e-3, 0);
    Stage.Plan both = new Stage.Plan(painting, BATCH, 1e-3, 0.99);
    return Trainer.runOnce(
            first,
            () -> FindingStage.placing(to, first, practice, finding, variant),
            work,
            observer)
        && Trainer.runOnce(
            second,
            () -> new PaintingStage(to, second, variant, practice, true, both, precision),
            work,
            observer);
  }

  /** The same files however often it is interrupted and done again. */
  private void begin(Variant variant) throws IOException {
    if (variant == Variant.INSTRUCT_PIX2PIX) {
      FreshModel.addBaseline(to, ModelFolder.open(from), SEED);
    } else if (variant != Variant.NO_INTERACTION) {
      FreshModel.renewInteraction(to, variant, SEED);
    }
  }
}
