package io.smartedit.store;

import java.util.Optional;
import java.util.regex.Pattern;

/** An object's place: {@code s3://bucket/key}. */
public record ObjectName(String bucket, String key) {

  private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
  private static final int MAX_KEY = 1024;
  private static final String SCHEME = "s3://";

  public ObjectName {
    if (!BUCKET.matcher(bucket).matches()) {
      throw new IllegalArgumentException("bucket '" + bucket + "' is not a bucket's name");
    }
    boolean climbs = ("/" + key + "/").contains("/../") || ("/" + key + "/").contains("/./");
    if (key.isEmpty() || key.length() > MAX_KEY || key.startsWith("/") || climbs) {
      throw new IllegalArgumentException(
          "key '" + key + "' must have 1 to " + MAX_KEY + " characters and no . or .. parts");
    }
    if (key.contains("//")) { // the SDK would ask for another object, with one slash
      throw new IllegalArgumentException("key '" + key + "' has a part without a name");
    }
    if (key.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException("key holds a control character");
    }
  }

  /** A place in a bucket; empty where others have named an object as we never would. */
  static Optional<ObjectName> of(String bucket, String key) {
    try {
      return Optional.of(new ObjectName(bucket, key));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Reads {@code s3://bucket/key}.
   *
   * @throws IllegalArgumentException naming what is wrong
   */
  public static ObjectName parse(String uri) {
    if (!uri.startsWith(SCHEME)) {
      throw new IllegalArgumentException("'" + uri + "' does not start with s3://");
    }
    int slash = uri.indexOf('/', SCHEME.length());
    if (slash < 0) {
      throw new IllegalArgumentException("'" + uri + "' has no key behind its bucket");
    }
    return new ObjectName(uri.substring(SCHEME.length(), slash), uri.substring(slash + 1));
  }

  /** {@code s3://bucket/key}. */
  @Override
  public String toString() {
    return SCHEME + bucket + "/" + key;
  }
}
