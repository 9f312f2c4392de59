package io.smartedit.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.editor.Parity;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.RepeatedTest;

/** The nets that edit are the nets that train. */
final class TrainingParityTest {

  /** More than once: what libtorch borrows from Java's memory may only be lost later. */
  @RepeatedTest(4)
  void lossesAndGradientsOfAStageThreeStepEqualTheReference() {
    System.gc();
    List<Parity.Line> lines =
        TrainingParity.run(Path.of("../editor/src/test/resources/parity/tiny"));

    assertThat(lines).hasSize(2 + 17);
    assertThat(lines).allMatch(Parity.Line::passes);
  }
}
