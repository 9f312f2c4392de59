package io.smartedit.provenance;

import java.time.Clock;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The door of content credentials (C2PA 2.2): a signer that writes into images what was done to
 * make them, and the verifier of what images say of themselves.
 *
 * <p>Writes PNG, JPEG and WebP; what an image says besides, and its pixels, stay as they are.
 * Thread-safe.
 */
public final class ContentCredentials {

  private final ManifestWriter writer;

  /**
   * A signer.
   *
   * @param agent that makes the images
   * @param timestamps signs when something was signed, so that credentials outlive their
   *     certificate; null for nobody
   */
  public ContentCredentials(
      SoftwareAgent agent, SigningKey key, @Nullable TimestampAuthority timestamps, Clock clock) {
    this.writer = new ManifestWriter(agent, key, timestamps, clock, UUID::randomUUID);
  }

  /**
   * Writes signed credentials into an image; credentials that it has already are lost, those of its
   * source are kept.
   *
   * @return the image, signed
   * @throws MalformedImageException if it is not PNG, JPEG or WebP, or broken
   * @throws SigningKeyException if the certificate's time is over
   * @throws TimestampException if the time-stamping authority gives no time-stamp
   * @throws InterruptedException while waiting for the time-stamping authority
   */
  public byte[] sign(byte[] image, Edit edit) throws InterruptedException {
    Container container =
        Container.of(image)
            .orElseThrow(() -> new MalformedImageException("image is not PNG, JPEG or WebP"));
    return writer.write(container.slot(image), edit);
  }

  /**
   * Judges an image's credentials; those of an image that is no PNG, JPEG or WebP are not looked
   * for. Never throws for what is in the image.
   *
   * @param anchors whom to trust; {@link TrustAnchors#NONE} for no judgement of trust
   */
  public static Verdict verify(byte[] image, TrustAnchors anchors, Clock clock) {
    return new Verifier(image, anchors, clock).inspect().verdict();
  }
}
