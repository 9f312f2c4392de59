package io.smartedit.provenance;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/** Hashes of boxes by the names that C2PA gives the algorithms; each is taken once. */
final class Hashes {

  static final String SHA256 = "sha256";

  private static final Map<String, String> ALGORITHMS =
      Map.of(SHA256, "SHA-256", "sha384", "SHA-384", "sha512", "SHA-512");

  private final IdentityHashMap<Superbox, Map<String, byte[]>> known = new IdentityHashMap<>();

  /** None where C2PA does not allow the algorithm. */
  static Optional<MessageDigest> digest(String algorithm) {
    return Optional.ofNullable(ALGORITHMS.get(algorithm)).map(Hashes::named);
  }

  static MessageDigest sha256() {
    return named("SHA-256");
  }

  private static MessageDigest named(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has " + name, e);
    }
  }

  /**
   * Of all but ranges.
   *
   * @param starts ascending, within the bytes
   * @param ends not beyond the next start
   */
  static byte[] outside(MessageDigest digest, byte[] bytes, int[] starts, int[] ends) {
    int at = 0;
    for (int i = 0; i < starts.length; i++) {
      digest.update(bytes, at, starts[i] - at);
      at = ends[i];
    }
    digest.update(bytes, at, bytes.length - at);
    return digest.digest();
  }

  /** Of a box; the algorithm is one that {@link #digest} knows. */
  byte[] of(Superbox box, String algorithm) {
    return known
        .computeIfAbsent(box, any -> new HashMap<>())
        .computeIfAbsent(algorithm, any -> hash(box.payload(), algorithm));
  }

  private static byte[] hash(ByteBuffer bytes, String algorithm) {
    MessageDigest digest = digest(algorithm).orElseThrow();
    digest.update(bytes.duplicate());
    return digest.digest();
  }
}
