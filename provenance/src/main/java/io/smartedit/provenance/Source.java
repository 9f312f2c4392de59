package io.smartedit.provenance;

import io.smartedit.provenance.Verifier.Inspection;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLConnection;
import java.time.Clock;
import java.util.Base64;
import java.util.Optional;

/**
 * An image that another was made from, as far as credentials tell of it: its title, its hash, and
 * its own credentials. Does not hold on to the image. Immutable.
 */
public final class Source {

  private final String title;
  private final String name;
  private final Optional<String> mediaType;
  private final Inspection inspection;

  private Source(String title, String name, Optional<String> mediaType, Inspection inspection) {
    this.title = title;
    this.name = name;
    this.mediaType = mediaType;
    this.inspection = inspection;
  }

  /**
   * Looks at an image of any format.
   *
   * @param title a file's name, or another that people know
   */
  public static Source of(String title, byte[] image, Clock clock) {
    if (title.isBlank()) {
      throw new IllegalArgumentException("a source needs a title");
    }
    return new Source(
        title,
        name(image),
        mediaType(image),
        new Verifier(image, TrustAnchors.NONE, clock).inspect());
  }

  /** By its content (RFC 6920). */
  private static String name(byte[] image) {
    byte[] hash = Hashes.sha256().digest(image);
    return "ni:///sha-256;" + Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
  }

  private static Optional<String> mediaType(byte[] image) {
    try {
      Optional<String> ours = Container.of(image).map(Container::mediaType);
      return ours.isPresent()
          ? ours
          : Optional.ofNullable(
              URLConnection.guessContentTypeFromStream(new ByteArrayInputStream(image)));
    } catch (IOException e) {
      throw new UncheckedIOException("an array can be read", e);
    }
  }

  /** What its credentials are worth; trust is not judged. */
  public Verdict verdict() {
    return inspection.verdict();
  }

  String title() {
    return title;
  }

  String name() {
    return name;
  }

  Optional<String> mediaType() {
    return mediaType;
  }

  Optional<ManifestStore> store() {
    return inspection.store();
  }
}
