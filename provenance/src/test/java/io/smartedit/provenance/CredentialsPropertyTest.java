package io.smartedit.provenance;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.provenance.Container.EmbeddedStore;
import io.smartedit.provenance.TestImages.Format;
import io.smartedit.provenance.Verdict.State;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;

/** What holds for every image and every edit. */
final class CredentialsPropertyTest {

  private static final TestAuthority AUTHORITY = new TestAuthority();
  private static final ContentCredentials SIGNER =
      new ContentCredentials(
          new SoftwareAgent("SmartEdit Test", "1.0"),
          AUTHORITY.signingKey("P-256"),
          null,
          TestAuthority.CLOCK);

  private static Verdict verify(byte[] image) {
    return ContentCredentials.verify(image, TrustAnchors.NONE, TestAuthority.CLOCK);
  }

  private static Edit edit(String model, long seed, byte[] source) {
    return new Edit(
        model,
        seed,
        model,
        DigitalSourceType.TRAINED_ALGORITHMIC_MEDIA,
        Source.of("source", source, TestAuthority.CLOCK));
  }

  /** Long names move the manifest's length over every border of its numbers' encodings. */
  @Property(tries = 100)
  void signedImagesAreIntactUntilAByteIsFlipped(
      @ForAll Format format,
      @ForAll @IntRange(min = 1, max = 60) int width,
      @ForAll @IntRange(min = 1, max = 60) int height,
      @ForAll long seed,
      @ForAll @StringLength(min = 1, max = 300) String model,
      @ForAll @IntRange(max = 1_000_000) int place,
      @ForAll @IntRange(max = 7) int bit)
      throws InterruptedException {
    byte[] image = TestImages.noise(format, width, height, seed);

    byte[] signed = SIGNER.sign(image, edit(model, seed, image));

    assertThat(verify(signed).findings()).noneMatch(f -> f.kind() == Status.Kind.FAILURE);
    assertThat(verify(signed).state()).isEqualTo(State.INTACT);
    EmbeddedStore store = Container.of(signed).orElseThrow().find(signed).get(0);
    int outside = place % (signed.length - store.length());
    int at = outside < store.start() ? outside : outside + store.length();
    signed[at] ^= (byte) (1 << bit);
    assertThat(verify(signed).state()).isNotEqualTo(State.INTACT);
  }

  @Property(tries = 300)
  void noiseInTheManifestIsNeverIntactAndNeverThrows(
      @ForAll Format format,
      @ForAll @IntRange(max = 1_000_000) int place,
      @ForAll @Size(min = 1, max = 40) byte[] noise)
      throws InterruptedException {
    byte[] image = TestImages.noise(format, 4, 4, 1);
    byte[] signed = SIGNER.sign(image, edit("mini", 1, image));
    byte[] before = signed.clone();
    EmbeddedStore store = Container.of(signed).orElseThrow().find(signed).get(0);
    int at = store.start() + 8 + place % (store.length() - 8 - noise.length);

    System.arraycopy(noise, 0, signed, at, noise.length);

    assertThat(verify(signed).state() == State.INTACT).isEqualTo(Arrays.equals(signed, before));
  }
}
