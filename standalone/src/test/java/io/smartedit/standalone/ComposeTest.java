package io.smartedit.standalone;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.smartedit.ingest.IngestSettings;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import io.smartedit.sink.SinkSettings;
import io.smartedit.worker.WorkerMain;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

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
    JsonNode services = DeployedQueries.yaml(FILE).path("services");

    assertThat(services.size()).isEqualTo(8);
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
  void itsKafkaIsTheOneThatTestsRunOn() throws IOException {
    assertThat(DeployedQueries.yaml(FILE).at("/services/kafka/image").asText())
        .isEqualTo("apache/kafka:" + kafkaVersion());
  }

  private static String kafkaVersion() throws IOException {
    Properties said = new Properties();
    try (InputStream file =
        requireNonNull(ComposeTest.class.getResourceAsStream("/kafka/kafka-version.properties"))) {
      said.load(file);
    }
    return said.getProperty("version");
  }

  @Test
  void whatItMountsIsThere() throws IOException {
    for (JsonNode service : DeployedQueries.yaml(FILE).path("services")) {
      for (JsonNode volume : service.path("volumes")) {
        if (volume.asText().startsWith("./")) {
          assertThat(Path.of("..").resolve(volume.asText().split(":", 2)[0])).exists();
        }
      }
    }
  }

  @Test
  void everyServiceIsScrapedAndNoOther() throws IOException {
    JsonNode jobs =
        DeployedQueries.yaml(Path.of("../deploy/prometheus.yml")).path("scrape_configs");

    assertThat(jobs.findValuesAsText("job_name"))
        .containsExactlyInAnyOrderElementsOf(SERVICES.keySet());
  }

  @Test
  void metricsAreFoundInQueries() {
    assertThat(
            DeployedQueries.names(
                "sum by (le) (rate(a_bucket{stage=\"x\"}[5m])) / max(b) > 0 or smartedit:c and d_total"))
        .containsExactly("a_bucket", "b", "d_total", "smartedit:c");
  }

  @Test
  void promtoolAcceptsTheRules() throws Exception {
    assumeTrue(succeeds("promtool", "--version"), "there is no promtool here");

    assertThat(succeeds("promtool", "check", "rules", DeployedQueries.RULES.toString())).isTrue();
    assertThat(succeeds("promtool", "test", "rules", "../deploy/alerts_test.yml")).isTrue();
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
