package io.smartedit.training.mini;

import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.options.Variant;
import io.smartedit.training.Stage;
import io.smartedit.training.Trainer;
import io.smartedit.training.TrainingObserver;
import io.smartedit.training.emoji.EmojiEdit.Backgrounds;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Makes of a smartedit-mini one for images of twice the side: it is grown, then its autoencoder
 * learns, then it learns to paint before textured backgrounds, then its decoder learns on alone.
 */
public final class GrowthRecipe {

  private static final int SEED = 31;
  private static final String AUTOENCODER = "grown-1-autoencoder";
  private static final String PAINTING = "grown-2-painting";
  private static final String DEVELOPING = "grown-3-developing";

  private final Path from;
  private final Path model;
  private final Path work;
  private final Precision precision;

  /**
   * @param from a smartedit-mini; stays as it is
   * @param model where the grown model is made, unless it is there, and learns
   * @param work where the state of training, logs and sample images are kept
   * @param precision of the autoencoder's and the UNet's activations; BF16 is faster on processors
   *     that multiply in it
   */
  public GrowthRecipe(Path from, Path model, Path work, Precision precision) {
    this.from = from;
    this.model = model;
    this.work = work;
    this.precision = precision;
  }

  /**
   * Trains, or goes on where an earlier run stopped.
   *
   * @param size side of the grown model's images, in pixels
   * @param steps of painting; five times as many of the autoencoder, two and a half of the decoder
   * @return whether it is done; false where the observer cancelled
   * @throws IllegalArgumentException if the size is not twice that of the model to begin with, or
   *     the model that is there is of another
   */
  public boolean run(int size, int steps, TrainingObserver observer) throws IOException {
    int before = GrownModel.size(from);
    if (size != 2 * before) {
      throw new IllegalArgumentException(
          "size %d: %s is of %d pixels and grows to %d".formatted(size, from, before, 2 * before));
    }
    if (!Files.exists(model)) {
      GrownModel.create(from, model, SEED);
    }
    int there = GrownModel.size(model);
    if (there != size) {
      throw new IllegalArgumentException(
          "%s is there already and of %d pixels, not %d".formatted(model, there, size));
    }
    return Trainer.runOnce(AUTOENCODER, () -> autoencoder(5 * steps), work, observer)
        && Trainer.runOnce(PAINTING, () -> painting(steps), work, observer)
        && Trainer.runOnce(DEVELOPING, () -> developing(5 * steps / 2), work, observer);
  }

  private Stage autoencoder(int steps) {
    Stage.Plan plan = new Stage.Plan(steps, 16, 1e-3, 0.99);
    return new GrownAutoencoderStage(model, from, AUTOENCODER, edits(SEED), plan, precision);
  }

  private Stage painting(int steps) throws IOException {
    Stage.Plan plan = new Stage.Plan(steps, 32, 3e-4, 0.98);
    Curriculum practice = new Curriculum(edits(SEED + 1), 0.25);
    return new PaintingStage(model, PAINTING, Variant.SMARTEDIT, practice, true, plan, precision);
  }

  private Stage developing(int steps) {
    Stage.Plan plan = new Stage.Plan(steps, 8, 5e-4, 0.99);
    return new GrownAutoencoderStage(model, null, DEVELOPING, edits(SEED + 2), plan, precision);
  }

  private static EmojiEdits edits(int seed) {
    return new EmojiEdits(seed, Split.TRAIN, Backgrounds.TEXTURED);
  }
}
