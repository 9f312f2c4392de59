package io.smartedit.standalone;

import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.provenance.ContentCredentials;
import io.smartedit.provenance.SigningKey;
import io.smartedit.provenance.SoftwareAgent;
import io.smartedit.provenance.TimestampAuthority;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a command signs the images that it writes; not at all where no key is named. */
final class SigningOptions {

  private static final Duration TIMESTAMP = Duration.ofSeconds(30);

  @Option(
      names = "--sign-key",
      paramLabel = "PEM",
      description = "Private key to sign content credentials (C2PA) with.")
  private @Nullable Path key;

  @Option(
      names = "--sign-certificates",
      paramLabel = "PEM",
      description = "Its certificates, the signer's first.")
  private @Nullable Path certificates;

  @Option(
      names = "--timestamp-url",
      paramLabel = "URL",
      description = "Time-stamping authority (RFC 3161) that signs when.")
  private @Nullable URI timestamps;

  /**
   * The signer.
   *
   * @throws BadRequestException where one option is there and another, that it needs, is not
   */
  Optional<ContentCredentials> signer() {
    if (key == null && certificates == null && timestamps == null) {
      return Optional.empty();
    }
    if (key == null || certificates == null) {
      throw new BadRequestException("--sign-key and --sign-certificates need each other");
    }
    Clock clock = Clock.systemUTC();
    return Optional.of(
        new ContentCredentials(
            new SoftwareAgent("SmartEdit Stream", SmartEdit.VERSION),
            SigningKey.read(key, certificates, clock),
            timestamps == null ? null : authority(timestamps),
            clock));
  }

  private static TimestampAuthority authority(URI uri) {
    try {
      return new TimestampAuthority(uri, TIMESTAMP);
    } catch (IllegalArgumentException e) {
      throw new BadRequestException("--timestamp-url: " + e.getMessage());
    }
  }
}
