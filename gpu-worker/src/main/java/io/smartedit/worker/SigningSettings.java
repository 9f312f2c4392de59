package io.smartedit.worker;

import io.smartedit.editor.SmartEdit;
import io.smartedit.provenance.ContentCredentials;
import io.smartedit.provenance.SigningKey;
import io.smartedit.provenance.SoftwareAgent;
import io.smartedit.provenance.TimestampAuthority;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How results are signed; not at all where no key is named.
 *
 * @param key file of the private key; empty for none
 * @param certificates file of its certificates
 * @param timestamps time-stamping authority; empty for none
 */
public record SigningSettings(String key, String certificates, String timestamps) {

  private static final Duration TIMESTAMP = Duration.ofSeconds(30);

  private static final Setting<String> KEY =
      Setting.text(
          "provenance.key",
          "PEM file of the private key that signs results' content credentials; unsigned where"
              + " empty.",
          "");
  private static final Setting<String> CERTIFICATES =
      Setting.text(
          "provenance.certificates", "PEM file of its certificates, the signer's first.", "");
  private static final Setting<String> TIMESTAMPS =
      Setting.text(
          "provenance.timestamp-url",
          "Time-stamping authority (RFC 3161) that signs when; none where empty.",
          "");

  static final List<Setting<?>> DECLARED = List.of(KEY, CERTIFICATES, TIMESTAMPS);

  public SigningSettings {
    if (key.isEmpty() != certificates.isEmpty() || (key.isEmpty() && !timestamps.isEmpty())) {
      throw new IllegalArgumentException(
          "provenance.key and provenance.certificates need each other, and"
              + " provenance.timestamp-url both");
    }
  }

  static SigningSettings of(Settings settings) {
    return new SigningSettings(
        settings.get(KEY), settings.get(CERTIFICATES), settings.get(TIMESTAMPS));
  }

  /**
   * The signer.
   *
   * @throws io.smartedit.provenance.SigningKeyException where the key or a certificate cannot sign
   */
  Optional<ContentCredentials> signer(Clock clock) {
    if (key.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new ContentCredentials(
            new SoftwareAgent("SmartEdit Stream", SmartEdit.VERSION),
            SigningKey.read(Path.of(key), Path.of(certificates), clock),
            timestamps.isEmpty() ? null : new TimestampAuthority(URI.create(timestamps), TIMESTAMP),
            clock));
  }
}
