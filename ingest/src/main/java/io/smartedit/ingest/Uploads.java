package io.smartedit.ingest;

import io.smartedit.service.Problem;
import io.smartedit.store.ObjectName;
import io.smartedit.store.ObjectStore;
import io.smartedit.store.StoreException;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;

/** Images sent to the front door, kept under the hash of their bytes. Thread-safe. */
final class Uploads {

  private final ObjectStore store;
  private final String bucket;

  Uploads(ObjectStore store, String bucket) {
    this.store = store;
    this.bucket = bucket;
  }

  /**
   * Stores an image; the same bytes always have the same place.
   *
   * @throws Problem 415 where it does not begin as an image does
   */
  ObjectName add(String tenant, byte[] bytes) {
    ImageKind kind =
        ImageKind.of(bytes)
            .orElseThrow(
                () ->
                    new Problem(
                        415,
                        "unsupported media type",
                        "Not a PNG, JPEG, WebP, GIF or BMP image.",
                        null));
    String sha = DigestUtils.sha256Hex(bytes);
    ObjectName name =
        new ObjectName(bucket, tenant + "/" + sha.substring(0, 40) + "." + kind.extension());
    try {
      store.write(name, bytes, kind.mediaType(), Map.of());
    } catch (StoreException e) {
      throw Problem.unavailable(5, "The store did not take it; send it again.", e);
    }
    return name;
  }
}
