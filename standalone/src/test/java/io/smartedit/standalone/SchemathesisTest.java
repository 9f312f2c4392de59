package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.smartedit.ingest.Ingest;
import io.smartedit.ingest.IngestSettings;
import io.smartedit.service.Settings;
import io.smartedit.store.S3ObjectStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The front door under schemathesis with all its checks, where the Python that {@code PYTHON} names
 * has it; without it OpenApiTest in {@code ingest} alone compares the front door with its
 * description.
 */
final class SchemathesisTest {

  private static final Path CONFIG = Path.of("src/test/resources/schemathesis").toAbsolutePath();
  private static final String SECRET_SHA256 =
      "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
  private static final String BROKEN = "ERRORS: ";
  private static final String EXAMPLES = "40";

  @TempDir private Path folder = Path.of("");

  @Test
  void theFrontDoorIsAsItsDescriptionSaysWithAndWithoutKeys() throws Exception {
    String python = System.getenv().getOrDefault("PYTHON", "python3");
    assumeTrue(
        !run(List.of(python, "-c", "import schemathesis")).contains(BROKEN),
        "not selected: there is no schemathesis for " + python);
    try (ApiStream api = new ApiStream(folder.resolve("stream"))) {
      assertClean(python, api.stream.endpoints().http());

      Path keys = folder.resolve("keys");
      Files.writeString(keys, SECRET_SHA256 + " shop");
      Map<String, String> given = new HashMap<>(api.stream.endpoints().settings());
      given.put("http.port", "0");
      given.put("status.url", "http://127.0.0.1:" + api.stream.sinkPort());
      given.put("keys.file", keys.toString());
      IngestSettings settings = IngestSettings.of(Settings.read(IngestSettings.DECLARED, given));
      try (S3ObjectStore store = api.stream.endpoints().store();
          Ingest ingest =
              new Ingest(settings, settings.cluster().registry(), store, Clock.systemUTC())) {
        String url = "http://127.0.0.1:" + ingest.port();
        assertClean(python, url, "--header", "Authorization: Bearer secret");
      }
    }
  }

  private void assertClean(String python, String url, String... more) throws Exception {
    List<String> command = new ArrayList<>();
    command.addAll(List.of(python, "-m", "schemathesis.cli"));
    command.addAll(List.of("--config-file", CONFIG.resolve("schemathesis.toml").toString()));
    command.addAll(List.of("run", url + "/openapi.json"));
    // To cancel an edit does not delete it: its status stays.
    command.addAll(List.of("--checks", "all", "--exclude-checks", "use_after_free"));
    command.addAll(List.of("--max-examples", EXAMPLES));
    command.addAll(List.of(more));
    String output = run(command);
    assertThat(output).contains(" passed").doesNotContain("FAILURES", BROKEN, "❌");
  }

  /** What it prints; an exit code other than 0 is said at the end. */
  private String run(List<String> command) throws InterruptedException {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
      builder.environment().put("PYTHONPATH", CONFIG.toString()); // of hooks.py
      Process process = builder.start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      return code == 0 ? output : output + BROKEN + "exit code " + code;
    } catch (IOException e) {
      return BROKEN + e.getMessage(); // no such program
    }
  }
}
