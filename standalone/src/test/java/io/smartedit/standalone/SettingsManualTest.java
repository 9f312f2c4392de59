package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class SettingsManualTest {

  @Test
  void theManualHasWhatTheCommandPrints() throws IOException {
    assertThat(Files.readString(Path.of("../docs/settings.md")))
        .as("./smartedit settings > docs/settings.md")
        .isEqualTo(SettingsCommand.manual());
  }
}
