package io.smartedit.training.mini;

import io.smartedit.checkpoint.ModelFolder;
import io.smartedit.nn.Precision;
import io.smartedit.pipeline.Variant;
import io.smartedit.training.ModelCopy;
import io.smartedit.training.Stage;
import io.smartedit.training.Trainer;
import io.smartedit.training.TrainingObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The paper's Table 2 on drawn pictures: what becomes of a model whose interaction module is
 * replaced, or that has no LLM.
 *
 * <p>Every variant is a copy of one trained smartedit-mini. What stands between the Q-Former and
 * the UNet begins anew, whatever it is, and learns together with Q-Former and UNet; the baseline
 * gets an untrained text encoder in the place of all that reads. Edits, their order, noise, steps
 * and rate are the same for all.
 */
public final class Ablation {

  private static final int SEED = 21;
  private static final double RATE = 1e-3;
  private static final double AVERAGING = 0.99;
  private static final int BATCH = 32;

  private final Path from;
  private final Path to;
  private final Path work;

  /**
   * @param from a smartedit-mini; stays as it is
   * @param to where the variant is made, unless it is there, and learns
   * @param work where the state of training, logs and sample pictures are kept
   */
  public Ablation(Path from, Path to, Path work) {
    this.from = from;
    this.to = to;
    this.work = work;
  }

  /**
   * Trains, or goes on where an earlier run stopped. The model is then run as the variant.
   *
   * @param steps of {@value #BATCH} edits
   * @param precision of the UNet's and the autoencoder's activations
   * @return whether it is done; false where the observer cancelled
   */
  public boolean run(Variant variant, int steps, Precision precision, TrainingObserver observer)
      throws IOException {
    String name = "ablation-" + variant.name().toLowerCase(Locale.ROOT);
    if (Trainer.isDone(work, name)) {
      return true;
    }
    if (!Files.exists(to)) {
      ModelCopy.exact(from, to);
    }
    if (!Trainer.isBegun(work, name)) {
      begin(variant);
    }
    Stage.Plan plan = new Stage.Plan(steps, BATCH, RATE, AVERAGING);
    Practice practice = new Practice(SEED, 0);
    try (Stage stage = new PaintingStage(to, name, variant, practice, true, plan, precision)) {
      return Trainer.run(stage, work, observer);
    }
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
