package io.smartedit.ingest;

import io.smartedit.service.Problem;
import io.smartedit.store.ObjectName;
import io.smartedit.store.ObjectStore;
import io.smartedit.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;

/** Images sent to the front door, kept under the hash of their bytes. Thread-safe. */
final class Uploads {

  private enum Kind {
    PNG("image/png", "png"),
    JPEG("image/jpeg", "jpg"),
    WEBP("image/webp", "webp"),
    GIF("image/gif", "gif"),
    BMP("image/bmp", "bmp");

    private final String mediaType;
    private final String extension;

    Kind(String mediaType, String extension) {
      this.mediaType = mediaType;
      this.extension = extension;
    }
  }

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
    Kind kind = kind(bytes);
    String sha = DigestUtils.sha256Hex(bytes);
    ObjectName name =
        new ObjectName(bucket, tenant + "/" + sha.substring(0, 40) + "." + kind.extension);
    try {
      store.write(name, bytes, kind.mediaType, Map.of());
    } catch (StoreException e) {
      throw Problem.unavailable(5, "The store did not take it; send it again.", e);
    }
    return name;
  }

  /** By its first bytes; the worker decodes it. */
  private static Kind kind(byte[] bytes) {
    String start = new String(Arrays.copyOf(bytes, 12), StandardCharsets.ISO_8859_1);
    if (start.startsWith("\u0089PNG\r\n\u001a\n")) {
      return Kind.PNG;
    }
    if (start.startsWith("\u00ff\u00d8\u00ff")) {
      return Kind.JPEG;
    }
    if (start.startsWith("RIFF") && start.startsWith("WEBP", 8)) {
      return Kind.WEBP;
    }
    if (start.startsWith("GIF8")) {
      return Kind.GIF;
    }
    if (start.startsWith("BM")) {
      return Kind.BMP;
    }
    throw new Problem(
        415, "unsupported media type", "Not a PNG, JPEG, WebP, GIF or BMP image.", null);
  }
}
