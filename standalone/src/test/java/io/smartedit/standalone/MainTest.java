package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.editor.SmartEdit;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MainTest {

  private static final Path TOY = Path.of("../editor/src/test/resources/parity/tiny");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final PrintStream realOut = System.out;
  private final PrintStream realErr = System.err;

  @TempDir private Path folder = Path.of("");

  @BeforeEach
  void listen() {
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void stopListening() {
    System.setOut(realOut);
    System.setErr(realErr);
  }

  @Test
  void editWritesTheImage() {
    Path result = folder.resolve("out.png");

    int code = edit(TOY.resolve("source.png"), "Please remove the smaller cat.", result);

    assertThat(code).isZero();
    assertThat(result).isRegularFile();
    assertThat(folder.resolve("out.png.part")).doesNotExist();
  }

  @Test
  void qualityIsOfLossyFormats() throws Exception {
    Path source = TOY.resolve("source.png");

    assertThat(edit(source, "remove it", folder.resolve("a.webp"), "--quality=20")).isZero();
    assertThat(edit(source, "remove it", folder.resolve("b.webp"))).isZero();
    assertThat(edit(source, "remove it", folder.resolve("a.png"), "--quality=20")).isEqualTo(2);
    assertThat(said()).contains("--quality is of JPEG and WebP");
    assertThat(edit(source, "remove it", folder.resolve("a.jpg"), "--quality=101")).isEqualTo(2);
    assertThat(said()).contains("quality is 101, must be from 1 to 100");
    assertThat(Files.size(folder.resolve("a.webp")))
        .isLessThan(Files.size(folder.resolve("b.webp")) / 2);
  }

  @Test
  void itTellsItsVersion() {
    assertThat(Main.run("--version")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("smartedit " + SmartEdit.VERSION);
  }

  @Test
  void badRequestsExitWithTwoAndSayWhy() throws Exception {
    Path notAImage = Files.writeString(folder.resolve("in.png"), "hello");

    assertThat(edit(notAImage, "remove it", folder.resolve("out.png"))).isEqualTo(2);
    assertThat(said()).contains("not an image");
    assertThat(edit(TOY.resolve("source.png"), " ", folder.resolve("out.png"))).isEqualTo(2);
    assertThat(said()).contains("instruction is empty");
    assertThat(edit(TOY.resolve("source.png"), "x", folder.resolve("out.gif"))).isEqualTo(2);
    assertThat(said()).contains("must end in .png");
    assertThat(folder.resolve("out.png")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg", "webp"})
  void editSignsAndVerifyTells(String format) throws Exception {
    Path keys = Path.of("src/test/resources/credentials");
    Path signed = folder.resolve("signed." + format);

    int code =
        edit(
            TOY.resolve("source.png"),
            "Please remove the smaller cat.",
            signed,
            "--sign-key=" + keys.resolve("signer.key"),
            "--sign-certificates=" + keys.resolve("signer.pem"));

    assertThat(code).isZero();
    assertThat(Main.run("verify", signed.toString())).isZero();
    assertThat(Main.run("verify", signed.toString(), "--trust=" + keys.resolve("root.pem")))
        .isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("intact", "not judged", "trusted", "My Shop", "SmartEdit Stream");
    byte[] bytes = Files.readAllBytes(signed);
    bytes[format.equals("webp") ? 24 : bytes.length - 20] ^= 1;
    Path tampered = Files.write(folder.resolve("tampered." + format), bytes);
    assertThat(Main.run("verify", tampered.toString())).isEqualTo(1);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("broken", "assertion.dataHash.mismatch");
    assertThat(Main.run("verify", TOY.resolve("source.png").toString())).isEqualTo(1);
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("absent");
  }

  @Test
  void editRefusesAKeyThatCannotSign() {
    Path keys = Path.of("src/test/resources/credentials");
    Path result = folder.resolve("out.png");

    assertThat(edit(TOY.resolve("source.png"), "x", result, "--sign-key=" + keys)).isEqualTo(2);
    assertThat(said()).contains("--sign-key and --sign-certificates need each other");
    String root = "--sign-certificates=" + keys.resolve("root.pem");
    String key = "--sign-key=" + keys.resolve("signer.key");
    assertThat(edit(TOY.resolve("source.png"), "x", result, key, root)).isEqualTo(2);
    assertThat(said()).contains("root.pem: the certificate of", "authority's (CA)");
    assertThat(result).doesNotExist();
  }

  @Test
  void doctorAcceptsTheToyAndNamesWhatIsMissing() throws Exception {
    assertThat(Main.run("doctor", TOY.toString())).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("can run as smartedit");

    assertThat(Main.run("doctor", Files.createDirectory(folder.resolve("empty")).toString()))
        .isEqualTo(3);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("cannot find the LLM", "cannot run as smartedit");
  }

  @Test
  void parityPassesOnTheToyAndFailsBeyondTheTolerance() {
    assertThat(Main.run("parity", TOY.toString())).isZero();
    assertThat(Main.run("parity", TOY.toString(), "--tolerance", "1e-9")).isEqualTo(1);
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("agree", "DIFFERS");
  }

  private int edit(Path in, String instruction, Path result, String... more) {
    List<String> arguments = new ArrayList<>();
    Collections.addAll(arguments, "edit", in.toString(), instruction, result.toString());
    Collections.addAll(arguments, "--model=" + TOY, "--steps=2", "--size=64");
    Collections.addAll(arguments, more);
    return Main.run(arguments.toArray(String[]::new));
  }

  private String said() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
