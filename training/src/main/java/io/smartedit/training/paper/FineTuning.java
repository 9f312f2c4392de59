package io.smartedit.training.paper;

import io.smartedit.training.ModelCopy;
import io.smartedit.training.Stage;
import io.smartedit.training.Trainer;
import io.smartedit.training.TrainingObserver;
import io.smartedit.training.data.Mixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Trains a copy of a model on data sets from disk, as the paper's second or third stage does. */
public final class FineTuning {

  private FineTuning() {}

  /**
   * Copies the model unless that is done, and trains the copy; goes on where an earlier run
   * stopped.
   *
   * @param from stays as it is
   * @param to where the copy is made and learns
   * @param work where the state of training, logs and sample pictures are kept
   * @return whether it is done; false where the observer cancelled
   */
  public static boolean run(
      Path from,
      Path to,
      Path work,
      Mixture examples,
      Stage.Plan plan,
      PaperStage.Settings settings,
      TrainingObserver observer)
      throws IOException {
    if (!Files.exists(to)) {
      ModelCopy.exact(from, to);
    }
    try (PaperStage stage = new PaperStage(to, examples, plan, settings)) {
      return Trainer.isDone(work, stage.name()) || Trainer.run(stage, work, observer);
    }
  }
}
