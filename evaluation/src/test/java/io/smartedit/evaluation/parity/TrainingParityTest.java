package io.smartedit.evaluation.parity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;

/** The nets that edit are the nets that train. */
final class TrainingParityTest {

  /** More than once: what libtorch borrows from Java's memory may only be lost later. */
  @RepeatedTest(4)
  void lossesAndGradientsOfAStageThreeStepEqualTheReference() {
    System.gc();
    List<Comparison> comparisons =
        TrainingParity.run(Path.of("../editor/src/test/resources/parity/tiny"));

    assertThat(comparisons).hasSize(2 + 17);
    assertThat(comparisons).allMatch(Comparison::passes);
  }
}
