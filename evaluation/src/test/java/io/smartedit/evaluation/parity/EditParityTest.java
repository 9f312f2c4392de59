package io.smartedit.evaluation.parity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class EditParityTest {

  /** Printed by the reference; see {@code parity/HOW.md}. */
  private static final Path TINY = Path.of("../editor/src/test/resources/parity/tiny");

  @Test
  void everyTensorOfTheEditEqualsTheReference() {
    var comparisons = EditParity.run(TINY, EditParity.TOLERANCE);

    assertThat(comparisons).hasSize(33 + 1).allMatch(Comparison::passes);
  }
}
