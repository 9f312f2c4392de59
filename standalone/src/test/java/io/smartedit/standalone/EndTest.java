package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SIGTERM ends a command while the nets compute: by the signal, not by a crash. */
final class EndTest {

  private static final Path MINI = Path.of("../models/smartedit-mini");
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** As the shell says it of a process that SIGTERM ended. */
  private static final int TERMINATED = 143;

  @TempDir private Path folder = Path.of("");

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void kill() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evaluate --count=1 --steps=1000",
        "edit source.png remove out.png --steps=1000",
      })
  void aCommandEndsByTheSignal(String command) throws Exception {
    Path log = folder.resolve("log");
    Process process = start(largePictures(), command.split(" "), log);
    await().atMost(LIMIT).until(() -> processorSeconds(process) > 8);

    process.destroy();

    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(log)).isEqualTo(TERMINATED);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).noneMatch(file -> file.toString().contains("hs_err"));
    }
  }

  private Process start(Path model, String[] arguments, Path log) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                classPath(),
                "io.smartedit.standalone.Main"));
    command.addAll(List.of(arguments));
    command.add("--model=" + model);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("OMP_NUM_THREADS", "2");
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  /** The process has a working directory of its own. */
  private static String classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .reduce((one, other) -> one + File.pathSeparator + other)
        .orElseThrow();
  }

  /** smartedit-mini at a size where a step takes longer than the JVM waits for at its end. */
  private Path largePictures() throws IOException {
    Path copy = folder.resolve("model");
    try (Stream<Path> files = Files.walk(MINI)) {
      files.forEach(file -> copy(file, copy.resolve(MINI.relativize(file).toString())));
    }
    Files.copy(MINI.resolve("example.png"), folder.resolve("source.png"));
    ObjectMapper json = new ObjectMapper();
    Path config = copy.resolve("config.json");
    ObjectNode root = (ObjectNode) json.readTree(config.toFile());
    ((ObjectNode) Objects.requireNonNull(root.get("defaults"))).put("size", 512);
    json.writeValue(config.toFile(), root);
    return copy;
  }

  private static void copy(Path from, Path to) {
    try {
      Files.copy(from, to);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long processorSeconds(Process process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO).toSeconds();
  }
}
