package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.standalone.local.LocalCluster.Endpoints;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code smartedit up} as a process, by what a script sees of it. */
final class UpTest {

  private static final Path TOY = Path.of("../editor/src/test/resources/parity/tiny");
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @TempDir private Path folder = Path.of("");

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void kill() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void whoFindsTheEndpointsMayBegin() throws Exception {
    Path data = Files.createDirectory(folder.resolve("data"));
    Path file = Files.writeString(data.resolve("endpoints.json"), "{} of a run that was killed");
    Path config = Files.writeString(folder.resolve("up.properties"), "worker.batch=2\n");

    Process up =
        up(data, "--config=" + config, "--denoiser-precision=bf16", "source.max-bytes=100000000");
    Endpoints endpoints =
        await()
            .atMost(LIMIT)
            .ignoreExceptions() // not there, or not yet the new one
            .until(
                () -> new ObjectMapper().readValue(file.toFile(), Endpoints.class),
                found -> found.bootstrap() != null);

    try (S3ObjectStore store = endpoints.store()) {
      ObjectName name = new ObjectName(LocalStream.INBOX, "source.png");
      store.write(name, Files.readAllBytes(TOY.resolve("source.png")), "image/png", Map.of());
    }
    assertThat(status(endpoints.http() + "/ready")).isEqualTo(200);
    assertThat(status(endpoints.registry() + "/subjects")).isEqualTo(200);
    assertThat(
            Main.run(
                "submit",
                TOY.resolve("source.png").toString(),
                "remove the smaller cat",
                "--data=" + data,
                "--steps=2",
                "--size=64",
                "--format=jpeg",
                "--quality=80",
                "--metadata=strip_all",
                "--region=0,0,20,20",
                "--label=run=one",
                "--wait"))
        .isZero();
    assertThat(log())
        .contains("worker.batch = 2", "model.denoiser-precision = bf16", "= 100000000");

    up.destroy();

    assertThat(up.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(file).doesNotExist();
  }

  @Test
  void twoRunsNeverShareAFolder() throws Exception {
    Path data = folder.resolve("data");
    Process first = up(data);
    await().atMost(LIMIT).until(() -> Files.exists(data.resolve("endpoints.json")));

    Process second = up(data);

    assertThat(second.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(second.exitValue()).isNotZero();
    assertThat(log()).contains("is in use by another process");
    assertThat(first.isAlive()).isTrue();
    assertThat(data.resolve("endpoints.json")).exists();
  }

  @Test
  void allThatIsWrongIsSaidBeforeAnythingStarts() {
    PrintStream real = System.err;
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      int code =
          Main.run(
              "up",
              "--data=" + folder.resolve("none"),
              "--denoiser-precision=fp8",
              "worker.batch=0",
              "worker.bach=1",
              "s3.endpoint=http://elsewhere");

      assertThat(code).isEqualTo(Main.BAD_REQUEST);
    } finally {
      System.setErr(real);
    }
    assertThat(said.toString(StandardCharsets.UTF_8))
        .contains(
            "model.denoiser-precision is 'fp8'",
            "worker.batch is '0'",
            "worker.bach is no setting; did you mean worker.batch?",
            "s3.endpoint is no setting");
    assertThat(folder.resolve("none")).doesNotExist();
  }

  private Process up(Path data, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                "io.smartedit.standalone.Main",
                "up",
                "--model=" + TOY,
                "--data=" + data));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("up.log").toFile()))
            .start();
    processes.add(process);
    return process;
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("up.log"));
  }

  private static int status(String url) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }
}
