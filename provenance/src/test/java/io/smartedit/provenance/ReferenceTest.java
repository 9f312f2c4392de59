package io.smartedit.provenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.smartedit.provenance.Container.EmbeddedStore;
import io.smartedit.provenance.TestImages.Format;
import io.smartedit.provenance.Verdict.State;
import io.smartedit.provenance.Verdict.Trust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the reference implementation (c2pa-python) says of our images, and we of its. */
final class ReferenceTest {

  private static final Path REFERENCE = Path.of("src/test/resources/reference");
  private static final String PYTHON = System.getenv().getOrDefault("PYTHON", "python3");
  private static final TestAuthority AUTHORITY = new TestAuthority();

  private static boolean python;

  @TempDir private Path folder = Path.of("");

  private static Verdict verify(byte[] image) throws IOException {
    TrustAnchors anchors = TrustAnchors.read(REFERENCE.resolve("root.pem"));
    return ContentCredentials.verify(image, anchors, TestAuthority.CLOCK);
  }

  private static byte[] tampered(byte[] image, String name) {
    byte[] tampered = image.clone();
    tampered[name.endsWith("webp") ? 24 : tampered.length - 40] ^= 1;
    return tampered;
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg", "webp"})
  void storedVerdictsAreOurs(String format) throws Exception {
    List<String> verdicts = Files.readAllLines(REFERENCE.resolve("verdicts.txt"));
    byte[] ours = Files.readAllBytes(REFERENCE.resolve("ours." + format));

    Verdict intact = verify(ours);
    Verdict broken = verify(tampered(ours, format));

    assertThat(intact.state()).isEqualTo(State.INTACT);
    assertThat(intact.trust()).isEqualTo(Trust.TRUSTED);
    assertThat(broken.failures()).containsExactly("assertion.dataHash.mismatch");
    assertThat(verdicts)
        .contains(
            "ours." + format + " Trusted",
            "ours-tampered." + format + " Invalid assertion.dataHash.mismatch");
  }

  @ParameterizedTest
  @ValueSource(strings = {"theirs.jpg", "theirs.webp"})
  void whatTheReferenceSignedIsIntact(String name) throws Exception {
    byte[] theirs = Files.readAllBytes(REFERENCE.resolve(name));

    Verdict verdict = verify(theirs);

    assertThat(verdict.failures()).isEmpty();
    assertThat(verdict.state()).isEqualTo(State.INTACT);
    assertThat(verdict.trust()).isEqualTo(Trust.TRUSTED);
    assertThat(verdict.generator()).startsWith("c2pa-python");
    assertThat(verify(tampered(theirs, name)).state()).isEqualTo(State.BROKEN);
  }

  @Test
  void aStoreInManySegmentsIsBoundInEach() throws Exception {
    byte[] theirs = Files.readAllBytes(REFERENCE.resolve("theirs.jpg"));
    EmbeddedStore store = new Jpeg().find(theirs).get(0);

    for (int at = store.start(); at < store.start() + store.length(); at += 1009) {
      byte[] flipped = theirs.clone();
      flipped[at] ^= 1;
      assertThat(verify(flipped).state()).isNotEqualTo(State.INTACT);
    }
  }

  /** What is not run is said. */
  @BeforeAll
  static void look() throws InterruptedException {
    python = run(PYTHON, "-c", "import c2pa").isPresent();
    if (!python) {
      System.out.println(
          "there is no c2pa-python for " + PYTHON + "; its stored verdicts alone were checked");
    }
  }

  @ParameterizedTest
  @EnumSource
  void theReferenceSaysTheSame(Format format) throws Exception {
    assumeTrue(python, "there is no c2pa-python for " + PYTHON);
    String ending = format == Format.JPEG ? ".jpg" : "." + format.name().toLowerCase(Locale.ROOT);
    Path root = Files.writeString(folder.resolve("root.pem"), TestAuthority.pem(AUTHORITY.root()));
    List<String> command = new ArrayList<>();
    Collections.addAll(command, PYTHON, REFERENCE.resolve("verify.py").toString(), root.toString());
    List<String> wanted = new ArrayList<>();
    byte[] image = TestImages.noise(format, 30, 20, 1);
    byte[] source = image;
    try (TestTimestamps timestamps = TestTimestamps.of(AUTHORITY)) {
      TimestampAuthority clock = new TimestampAuthority(timestamps.uri(), Duration.ofSeconds(20));
      for (String keys : List.of("P-256", "P-384", "P-521", "Ed25519", "RSA-2048")) {
        byte[] signed = sign(keys, keys.startsWith("P-") ? clock : null, image, source);
        source = keys.equals("P-384") ? tampered(signed, ending) : signed; // a broken source, once
        String name = keys + ending;
        String broken = keys + "-tampered" + ending;
        command.add(Files.write(folder.resolve(name), signed).toString());
        command.add(Files.write(folder.resolve(broken), tampered(signed, ending)).toString());
        wanted.add(name + " Trusted");
        wanted.add(broken + " Invalid assertion.dataHash.mismatch");
      }
    }

    assertThat(run(command.toArray(String[]::new)).orElseThrow()).isEqualTo(wanted);
  }

  private static byte[] sign(
      String keys, @Nullable TimestampAuthority clock, byte[] image, byte[] source)
      throws InterruptedException {
    return new ContentCredentials(
            new SoftwareAgent("SmartEdit Test", "1.0"),
            AUTHORITY.signingKey(keys),
            clock,
            TestAuthority.CLOCK)
        .sign(
            image,
            new Edit(
                "mini",
                Long.MIN_VALUE,
                "r-1",
                DigitalSourceType.COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA,
                Source.of("source", source, TestAuthority.CLOCK)));
  }

  /** What a program prints; nothing where it fails or is not there. */
  private static Optional<List<String>> run(String... command) throws InterruptedException {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? Optional.of(said.lines().toList()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // no such program
    }
  }
}
