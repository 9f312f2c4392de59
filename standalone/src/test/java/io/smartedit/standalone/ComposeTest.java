package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.ingest.IngestSettings;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import io.smartedit.sink.SinkSettings;
import io.smartedit.worker.WorkerMain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The compose file against what the services declare. */
final class ComposeTest {

  private static final Path FILE = Path.of("../docker-compose.yml");
  private static final Map<String, List<Setting<?>>> SERVICES =
      Map.of(
          "ingest", IngestSettings.DECLARED,
          "gpu-worker", WorkerMain.DECLARED,
          "results-sink", SinkSettings.DECLARED);

  @Test
  void itsSettingsAreDeclaredAndSufficient() throws IOException {
    Object file = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(FILE));
    JsonNode services = new ObjectMapper().valueToTree(file).path("services");

    assertThat(services.size()).isEqualTo(6);
    SERVICES.forEach(
        (name, declared) -> {
          Map<String, String> environment = environment(services.path(name).path("environment"));
          Map<String, String> given = given(declared, environment);
          assertThat(Settings.read(declared, given)).as(name).isNotNull();
          Set<String> known =
              declared.stream()
                  .map(setting -> Settings.variable(setting.name()))
                  .collect(Collectors.toCollection(TreeSet::new));
          assertThat(known)
              .as(name)
              .containsAll(
                  environment.keySet().stream()
                      .filter(variable -> variable.startsWith("SMARTEDIT_"))
                      .toList());
        });
    services.forEach(service -> assertThat(service.has("healthcheck")).isTrue());
  }

  @Test
  void dockerComposeAcceptsIt() throws Exception {
    assumeTrue(succeeds("docker", "compose", "version"), "there is no docker compose here");

    assertThat(succeeds("docker", "compose", "-f", FILE.toString(), "config", "-q")).isTrue();
  }

  private static boolean succeeds(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      return false; // no such program
    }
  }

  private static Map<String, String> given(
      List<Setting<?>> declared, Map<String, String> environment) {
    try {
      return Settings.given(declared, null, environment, List.of());
    } catch (IOException e) {
      throw new IllegalStateException("no file was named", e);
    }
  }

  private static Map<String, String> environment(JsonNode node) {
    Map<String, String> environment = new HashMap<>();
    node.properties().forEach(entry -> environment.put(entry.getKey(), entry.getValue().asText()));
    return environment;
  }
}
