package io.smartedit.training.paper;

import io.smartedit.training.ModelCopy;
import io.smartedit.training.Stage;
import io.smartedit.training.Trainer;
import io.smartedit.training.TrainingObserver;
import io.smartedit.training.data.Mixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Trains a copy of a model on data sets from disk, as the paper's stages do. */
public final class FineTuning {

  private final Path from;
  private final Path to;
  private final Path work;

  /**
   * @param from stays as it is
   * @param to where the copy is made, unless it is there, and learns
   * @param work where the state of training, logs and sample images are kept
   */
  public FineTuning(Path from, Path to, Path work) {
    this.from = from;
    this.to = to;
    this.work = work;
  }

  /**
   * The first stage, on captions; goes on where an earlier run stopped.
   *
   * @return whether it is done; false where the observer cancelled
   */
  public boolean align(Mixture captions, Stage.Plan plan, TrainingObserver observer)
      throws IOException {
    return run(AlignmentStage.NAME, () -> new AlignmentStage(to, captions, plan), observer);
  }

  /**
   * The second or third stage, on examples with images; goes on where an earlier run stopped.
   *
   * @return whether it is done; false where the observer cancelled
   */
  public boolean run(
      Mixture examples, Stage.Plan plan, PaperStage.Settings settings, TrainingObserver observer)
      throws IOException {
    return run(settings.stage(), () -> new PaperStage(to, examples, plan, settings), observer);
  }

  private boolean run(String stage, Trainer.Opener opener, TrainingObserver observer)
      throws IOException {
    if (!Files.exists(to)) {
      ModelCopy.exact(from, to);
    }
    return Trainer.runOnce(stage, opener, work, observer);
  }
}
