package io.smartedit.training.mini;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.editor.nn.Precision;
import io.smartedit.training.Stage;
import io.smartedit.training.Trainer;
import io.smartedit.training.TrainingObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An interrupted training ends with the weights of an uninterrupted one. */
final class ResumeTest {

  private static final int STEPS = 6;
  private static final String WEIGHTS = "instruct-pix2pix/vae/diffusion_pytorch_model.safetensors";

  @TempDir private Path folder = Path.of("");

  @Test
  void interruptedAndResumedIsTheSameAsNeverInterrupted() throws IOException {
    Path whole = folder.resolve("whole");
    Path pieces = folder.resolve("pieces");
    FreshModel.create(whole, 1);
    FreshModel.create(pieces, 1);
    assertThat(Files.mismatch(whole.resolve(WEIGHTS), pieces.resolve(WEIGHTS))).isEqualTo(-1);

    assertThat(train(whole, STEPS)).isTrue();
    Path again = folder.resolve("again");
    FreshModel.create(again, 1);
    assertThat(train(again, STEPS)).isTrue();
    assertThat(Files.mismatch(whole.resolve(WEIGHTS), again.resolve(WEIGHTS)))
        .as("twice")
        .isEqualTo(-1);
    assertThat(train(pieces, 2)).isFalse();
    assertThat(train(pieces, 3)).isFalse();
    assertThat(train(pieces, STEPS)).isTrue();

    assertThat(Files.mismatch(whole.resolve(WEIGHTS), pieces.resolve(WEIGHTS))).isEqualTo(-1);
  }

  /** Trains until so many steps are done in all. */
  private static boolean train(Path model, int until) throws IOException {
    Stage.Plan plan = new Stage.Plan(STEPS, 2, 1e-3, 0.9);
    try (Stage stage = new AutoencoderStage(model, "1-autoencoder", plan, true, Precision.FP32)) {
      return Trainer.run(stage, Path.of(model + "-work"), new Until(until));
    }
  }

  private static final class Until implements TrainingObserver {
    private final int until;
    private long done;

    private Until(int until) {
      this.until = until;
    }

    @Override
    public void step(
        String stage, long step, long steps, Map<String, Double> losses, double speed) {
      done = step;
    }

    @Override
    public boolean isCancelled() {
      return done >= until && done < STEPS;
    }
  }
}
