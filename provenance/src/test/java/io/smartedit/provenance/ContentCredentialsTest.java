package io.smartedit.provenance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.provenance.Container.EmbeddedStore;
import io.smartedit.provenance.TestImages.Format;
import io.smartedit.provenance.Verdict.State;
import io.smartedit.provenance.Verdict.Trust;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class ContentCredentialsTest {

  private static final TestAuthority AUTHORITY = new TestAuthority();
  private static final SoftwareAgent AGENT = new SoftwareAgent("SmartEdit Test", "1.0");
  private static final ContentCredentials SIGNER = signer("P-256");

  private static ContentCredentials signer(String keys) {
    return new ContentCredentials(AGENT, AUTHORITY.signingKey(keys), null, TestAuthority.CLOCK);
  }

  private static Edit edit(byte[] source) {
    return new Edit(
        "mini",
        -7,
        "r-1",
        DigitalSourceType.COMPOSITE_WITH_TRAINED_ALGORITHMIC_MEDIA,
        Source.of("holiday.png", source, TestAuthority.CLOCK));
  }

  private static Verdict verify(byte[] image) {
    return ContentCredentials.verify(image, TrustAnchors.NONE, TestAuthority.CLOCK);
  }

  @ParameterizedTest
  @CsvSource({
    "PNG, P-256",
    "JPEG, P-256",
    "WEBP, P-256",
    "PNG, P-384",
    "JPEG, P-521",
    "WEBP, Ed25519",
    "PNG, Ed25519",
    "JPEG, RSA-2048"
  })
  void whatIsSignedIsIntactAndItsSignerKnown(Format format, String keys) throws Exception {
    byte[] image = TestImages.noise(format, 9, 7, 1);

    byte[] signed = signer(keys).sign(image, edit(image));

    Verdict verdict = ContentCredentials.verify(signed, AUTHORITY.anchors(), TestAuthority.CLOCK);
    assertThat(verdict.findings()).noneMatch(finding -> finding.kind() == Status.Kind.FAILURE);
    assertThat(verdict.state()).isEqualTo(State.INTACT);
    assertThat(verdict.trust()).isEqualTo(Trust.TRUSTED);
    assertThat(verdict.generator()).isEqualTo("SmartEdit Test 1.0");
    assertThat(verdict.signer()).contains("Test Shop");
    assertThat(verdict.signedAt()).isEmpty();
  }

  @Test
  void trustIsJudgedOnlyWhereSomebodySaysWhomToTrust() throws Exception {
    byte[] image = TestImages.noise(Format.PNG, 9, 7, 1);

    byte[] signed = SIGNER.sign(image, edit(image));

    assertThat(verify(signed).trust()).isEqualTo(Trust.NOT_JUDGED);
    Verdict elsewhere =
        ContentCredentials.verify(signed, new TestAuthority().anchors(), TestAuthority.CLOCK);
    assertThat(elsewhere.trust()).isEqualTo(Trust.UNTRUSTED);
    assertThat(elsewhere.state()).isEqualTo(State.INTACT);
    assertThat(elsewhere.failures()).containsExactly("signingCredential.untrusted");
  }

  @ParameterizedTest
  @EnumSource(names = {"PNG", "JPEG"})
  void pixelsStayAsTheyAre(Format format) throws Exception {
    byte[] image = TestImages.noise(format, 40, 30, 2);

    byte[] signed = SIGNER.sign(image, edit(image));

    int[] before = ImageIO.read(new ByteArrayInputStream(image)).getRGB(0, 0, 40, 30, null, 0, 40);
    int[] after = ImageIO.read(new ByteArrayInputStream(signed)).getRGB(0, 0, 40, 30, null, 0, 40);
    assertThat(after).isEqualTo(before);
  }

  @ParameterizedTest
  @EnumSource
  void anUnsignedImageHasNoCredentials(Format format) {
    assertThat(verify(TestImages.noise(format, 9, 7, 1)).state()).isEqualTo(State.ABSENT);
  }

  @ParameterizedTest
  @EnumSource
  void theSourcesManifestsAreKeptThroughManyEdits(Format format) throws Exception {
    byte[] image = TestImages.noise(format, 9, 7, 1);
    byte[] source = image;

    for (int edits = 1; edits <= 12; edits++) { // past what one JPEG segment holds
      source = SIGNER.sign(image, edit(source));

      Verdict verdict = verify(source);
      assertThat(verdict.failures()).isEmpty();
      assertThat(verdict.state()).isEqualTo(State.INTACT);
      ManifestStore store =
          ManifestStore.read(Container.of(source).orElseThrow().find(source).get(0).bytes());
      assertThat(store.box().boxes()).hasSize(edits);
    }
  }

  @Test
  void aStoreOfMoreThanOneSegmentIsReadAgain() throws Exception {
    byte[] image = TestImages.noise(Format.JPEG, 9, 7, 1);
    byte[] source = image;
    while (source.length < 200_000) {
      source = SIGNER.sign(image, edit(source));
    }

    assertThat(verify(source).state()).isEqualTo(State.INTACT);
    assertThat(verify(SIGNER.sign(source, edit(source))).state()).isEqualTo(State.INTACT);
  }

  @Test
  void theActionSaysWhichAdaptersDidItAndHowMuchOfEach() throws Exception {
    byte[] image = TestImages.noise(Format.PNG, 9, 7, 1);
    Edit plain = edit(image);
    Edit adapted =
        new Edit(
            "mini",
            new TreeMap<>(Map.of("toon", 0.75)),
            1,
            null,
            plain.sourceType(),
            plain.source());

    String signed = new String(SIGNER.sign(image, adapted), StandardCharsets.ISO_8859_1);

    assertThat(signed).contains("io.smartedit.adapters", "dtoon");
    assertThat(new String(SIGNER.sign(image, plain), StandardCharsets.ISO_8859_1))
        .doesNotContain("io.smartedit.adapters");
  }

  @ParameterizedTest
  @EnumSource
  void signingAgainReplacesTheOldManifest(Format format) throws Exception {
    byte[] image = TestImages.noise(format, 9, 7, 1);
    byte[] once = SIGNER.sign(image, edit(image));

    byte[] twice = SIGNER.sign(once, edit(image));

    assertThat(twice).hasSameSizeAs(once);
    assertThat(verify(twice).state()).isEqualTo(State.INTACT);
  }

  @Test
  void aBrokenSourceIsSaidInTheManifestAndBreaksNothing() throws Exception {
    byte[] image = TestImages.noise(Format.PNG, 9, 7, 1);
    byte[] source = SIGNER.sign(image, edit(image));
    source[source.length - 20] ^= 1;
    assertThat(verify(source).failures()).containsExactly("assertion.dataHash.mismatch");

    byte[] signed = SIGNER.sign(image, edit(source));

    assertThat(verify(signed).state()).isEqualTo(State.INTACT);
    assertThat(new String(signed, StandardCharsets.ISO_8859_1))
        .contains("assertion.dataHash.mismatch");
  }

  @ParameterizedTest
  @EnumSource
  void aFlippedByteOfTheManifestIsNoticed(Format format) throws Exception {
    byte[] image = TestImages.noise(format, 5, 5, 1);
    byte[] signed = SIGNER.sign(image, edit(image));
    EmbeddedStore store = Container.of(signed).orElseThrow().find(signed).get(0);
    // JPEG: the instance number of the box, which may be any.
    Set<Integer> free =
        format == Format.JPEG ? Set.of(store.start() + 6, store.start() + 7) : Set.of();
    List<Integer> unnoticed = new ArrayList<>();
    int step = format == Format.PNG ? 1 : 5; // the manifest is the same

    for (int at = 0; at < store.start() + store.length(); at += step) {
      byte[] flipped = signed.clone();
      flipped[at] ^= 1;
      if (verify(flipped).state() == State.INTACT && !free.contains(at)) {
        unnoticed.add(at);
      }
    }

    assertThat(unnoticed).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aFlippedPixelIsAMismatch(Format format) throws Exception {
    byte[] image = TestImages.noise(format, 30, 30, 1);
    byte[] signed = SIGNER.sign(image, edit(image));
    int at =
        switch (format) {
          case PNG, JPEG -> signed.length - 40;
          case WEBP -> 24;
        };
    signed[at] ^= 1;

    Verdict verdict = verify(signed);

    assertThat(verdict.state()).isEqualTo(State.BROKEN);
    assertThat(verdict.failures()).containsExactly("assertion.dataHash.mismatch");
  }

  @ParameterizedTest
  @EnumSource
  void whatIsCutOffIsNeverIntact(Format format) throws Exception {
    byte[] image = TestImages.noise(format, 9, 9, 1);
    byte[] signed = SIGNER.sign(image, edit(image));

    for (int length = 0; length < signed.length; length += 7) {
      assertThat(verify(Arrays.copyOf(signed, length)).state()).isNotEqualTo(State.INTACT);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aBrokenImageIsNotSigned(Format format) {
    byte[] image = TestImages.noise(format, 9, 9, 1);

    for (int length : new int[] {0, 1, 3, 8, 12, 20, image.length / 2, image.length - 1}) {
      assertThatThrownBy(() -> SIGNER.sign(Arrays.copyOf(image, length), edit(image)))
          .isInstanceOf(MalformedImageException.class);
    }
  }

  @Test
  void aManifestTellsTheEdit() throws Exception {
    byte[] image = TestImages.noise(Format.PNG, 9, 7, 1);

    String signed = new String(SIGNER.sign(image, edit(image)), StandardCharsets.ISO_8859_1);

    assertThat(signed)
        .contains("c2pa.opened", "c2pa.edited", "compositeWithTrainedAlgorithmicMedia")
        .contains("io.smartedit.model", "mini", "io.smartedit.seed", "io.smartedit.request", "r-1")
        .contains("parentOf", "holiday.png", "image/png", "ni:///sha-256;");
  }
}
