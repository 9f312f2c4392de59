package io.smartedit.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SettingsTest {

  private static final Setting<Integer> PORT = Setting.number("http.port", "Port.", "8080", 0, 99);
  private static final Setting<String> NAME = Setting.text("worker.id", "Its name.", null);
  private static final Setting<String> KEY = Setting.secret("s3.secret-key", "Key.", "");
  private static final Setting<Duration> WAIT = Setting.duration("store.retry", "Wait.", "2m");
  private static final List<Setting<?>> ALL = List.of(PORT, NAME, KEY, WAIT);

  @TempDir private Path folder = Path.of("");

  @Test
  void everythingWrongIsSaidTogetherAndSecretsAreNot() {
    Map<String, String> given =
        Map.of("http.prt", "1", "http.port", "100", "store.retry", "soon", "s3.secret-key", "k");

    assertThatThrownBy(() -> Settings.read(ALL, given))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("http.prt is no setting; did you mean http.port?")
        .hasMessageContaining("http.port is '100', must be from 0 to 99")
        .hasMessageContaining("worker.id is missing: Its name.")
        .hasMessageContaining("store.retry is 'soon', must be a duration")
        .hasMessageNotContaining("'k'");
  }

  @Test
  void theCommandLineWinsOverTheEnvironmentOverTheFile() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("a.properties"), "worker.id=file\nhttp.port=1\nstore.retry=1s\n");
    Map<String, String> environment =
        Map.of(
            "SMARTEDIT_HTTP_PORT", "2",
            "SMARTEDIT_WORKER_ID", "environment",
            "SMARTEDIT_KAFKA_CLIENT_SECURITY_PROTOCOL", "SSL");

    Settings settings =
        Settings.read(ALL, Settings.given(ALL, file, environment, List.of("worker.id=command")));

    assertThat(settings.get(NAME)).isEqualTo("command");
    assertThat(settings.get(PORT)).isEqualTo(2);
    assertThat(settings.get(WAIT)).isEqualTo(Duration.ofSeconds(1));
    assertThat(settings.kafkaClient()).containsEntry("security.protocol", "SSL");
  }

  @Test
  void aFormerNameIsAcceptedWhereverItStands() throws Exception {
    Setting<Integer> renamed =
        Setting.number("http.port", "Port.", "8080", 0, 99).formerly("port", "web.port");
    List<Setting<?>> declared = List.of(renamed);

    Settings byEnvironment =
        Settings.read(
            declared, Settings.given(declared, null, Map.of("SMARTEDIT_WEB_PORT", "7"), List.of()));
    Settings byArgument = Settings.read(declared, Map.of("port", "8"));

    assertThat(byEnvironment.get(renamed)).isEqualTo(7);
    assertThat(byArgument.get(renamed)).isEqualTo(8);
    assertThatThrownBy(() -> Settings.read(declared, Map.of("port", "8", "http.port", "9")))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("http.port is given twice");
  }
}
