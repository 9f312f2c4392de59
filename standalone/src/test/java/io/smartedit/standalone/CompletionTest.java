package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code completion} prints does what a shell wants. */
final class CompletionTest {

  @TempDir private Path folder = Path.of("");

  @Test
  void bashCompletesCommandsSubcommandsAndOptions() throws Exception {
    Path script = folder.resolve("completion");
    Files.writeString(script, printed("bash"));

    assertThat(bash(script, "smartedit", "bat")).contains("batch");
    assertThat(bash(script, "smartedit", "batch", "pau")).isEqualTo("pause");
    assertThat(bash(script, "smartedit", "submit", "--ste")).isEqualTo("--steps");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void everyCommandIsThereForEveryShell(String shell) {
    assertThat(printed(shell)).contains(Main.commandLine().getSubcommands().keySet());
  }

  @Test
  void fishIsToldWhereACommandStands() {
    assertThat(printed("fish").lines())
        .allMatch(line -> line.startsWith("complete -c smartedit -n '"))
        .anyMatch(line -> line.contains("'__fish_use_subcommand' -f -a batch -d '"))
        .anyMatch(
            line ->
                line.contains("from batch; and __fish_seen_subcommand_from submit' -l id -r -d"));
  }

  @Test
  void anotherShellIsRefused() {
    assertThat(Main.run("completion", "csh")).isEqualTo(Main.BAD_REQUEST);
  }

  private static String printed(String shell) {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      assertThat(Main.run("completion", shell)).isZero();
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static String bash(Path script, String... words) throws Exception {
    String code =
        "source %s; COMP_WORDS=(%s); COMP_CWORD=%d; _complete_smartedit 2>/dev/null; echo ${COMPREPLY[@]}"
            .formatted(script, String.join(" ", words), words.length - 1);
    Process process = new ProcessBuilder("bash", "-c", code).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.strip();
  }
}
