package io.smartedit.sink.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What a webhook's receiver shares with us, as Standard Webhooks asks: {@code whsec_BASE64}. */
final class WebhookSecret {

  private static final String PREFIX = "whsec_";
  private static final String ALGORITHM = "HmacSHA256";
  private static final int LEAST = 24;
  private static final int MOST = 64;

  private final SecretKeySpec key;

  private WebhookSecret(byte[] key) {
    this.key = new SecretKeySpec(key, ALGORITHM);
  }

  /**
   * @throws IllegalArgumentException without showing it
   */
  static WebhookSecret parse(String text) {
    if (text.startsWith(PREFIX)) {
      byte[] key = Base64.getDecoder().decode(text.substring(PREFIX.length()));
      if (key.length >= LEAST && key.length <= MOST) {
        return new WebhookSecret(key);
      }
    }
    throw new IllegalArgumentException(
        "a secret must be whsec_ and the base64 of " + LEAST + " to " + MOST + " bytes");
  }

  /** The signature of a message, in version 1. */
  String sign(String id, long seconds, String body) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      byte[] signed = (id + "." + seconds + "." + body).getBytes(StandardCharsets.UTF_8);
      return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC-SHA256", e);
    }
  }

  /** Shows nothing. */
  @Override
  public String toString() {
    return "WebhookSecret";
  }
}
