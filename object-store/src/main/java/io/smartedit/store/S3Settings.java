package io.smartedit.store;

import java.time.Duration;

/**
 * Which S3-compatible store, and how it is spoken to.
 *
 * @param region that requests are signed for; named, so that the store need not be asked
 * @param accessKey empty where the keys come from where AWS's own tools look: environment, {@code
 *     ~/.aws/credentials}, web identity, container or machine
 * @param timeout for connecting, and for every silence of the store while reading or writing
 */
public record S3Settings(
    String endpoint, String region, String accessKey, String secretKey, Duration timeout) {

  /** What stores that know no regions are called. */
  public static final String DEFAULT_REGION = "us-east-1";

  /**
   * @throws IllegalArgumentException where one key is given without the other, or no region
   */
  public S3Settings {
    if (accessKey.isEmpty() != secretKey.isEmpty()) {
      throw new IllegalArgumentException("an access key and a secret key go together");
    }
    if (region.isEmpty()) {
      throw new IllegalArgumentException("region is empty");
    }
  }

  /** Shows no key. */
  @Override
  public String toString() {
    return "S3Settings[" + endpoint + ", " + region + "]";
  }
}
