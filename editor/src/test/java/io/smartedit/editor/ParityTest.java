package io.smartedit.editor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ParityTest {

  /** Printed by the reference; see {@code parity/HOW.md}. */
  private static final Path TINY = Path.of("src/test/resources/parity/tiny");

  @Test
  void everyTensorOfTheEditEqualsTheReference() {
    var lines = Parity.run(TINY, Parity.TOLERANCE);

    assertThat(lines).hasSize(33 + 1).allMatch(Parity.Line::passes);
  }
}
