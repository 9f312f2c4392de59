package io.smartedit.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.file.Path;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A step may be the mean of several batches' gradients. */
final class TrainerTest {

  private static final int STEPS = 5;

  @TempDir private Path folder = Path.of("");

  @Test
  void accumulatedBatchesAreOneLargeBatch() throws IOException {
    float[] accumulated = trained(3, 1);
    float[] large = trained(1, 3);

    assertThat(accumulated).containsExactly(large, Offset.offset(1e-5f));
    assertThat(accumulated[0]).isNotEqualTo(1);
  }

  @Test
  void aPlanRefusesWhatCannotBeDone() {
    assertThatThrownBy(() -> new Stage.Plan(1, 1, 0, 1e-3, 0)).hasMessageContaining("start at 1");
  }

  private float[] trained(int accumulated, int atOnce) throws IOException {
    Stage.Plan plan = new Stage.Plan(STEPS, 1, accumulated, 0.1, 0);
    try (Parabolas stage = new Parabolas(plan, atOnce)) {
      Trainer.run(stage, folder.resolve("at-once-" + atOnce), (name, step, steps, means, s) -> {});
      return stage.weight.toFloatArray();
    }
  }

  /** Mean distance to points that differ from example to example. */
  private static final class Parabolas implements Stage {
    private final Setup setup;
    private final NDArray weight;
    private final int atOnce;

    private Parabolas(Plan plan, int atOnce) {
      setup = new Setup("parabolas", plan, (file, name) -> false);
      weight = setup.parameters().add("w", setup.weights().create(new float[] {1, 1}));
      this.atOnce = atOnce;
    }

    @Override
    public Setup setup() {
      return setup;
    }

    @Override
    public NDArray loss(NDManager step, long number, Losses parts) {
      for (int i = 0; i < atOnce; i++) {
        long example = number * atOnce + i;
        NDArray point = step.create(new float[] {example % 4, -(example % 3)});
        parts.add("distance" + i, 1.0 / atOnce, Criteria.squared(weight, point));
      }
      return parts.sum(step);
    }

    @Override
    public void drawSamples(Path png) {}

    @Override
    public void close() {
      setup.close();
    }
  }
}
