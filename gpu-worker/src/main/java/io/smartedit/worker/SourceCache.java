package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.smartedit.editor.image.FullImage;
import io.smartedit.editor.image.ImageLimits;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Sources that were decoded, by their bytes, so that edits of one image decode it once. Bounded in
 * bytes; what was least used goes first. Who takes an image shares it with others and only reads
 * it. Thread-safe.
 */
final class SourceCache {

  private static final String HIT = "source";

  private final Cache<ByteBuffer, FullImage> kept;

  /**
   * @param bytes of samples at most; 0 keeps nothing
   */
  SourceCache(long bytes) {
    kept =
        Caffeine.newBuilder()
            .maximumWeight(bytes)
            .weigher((ByteBuffer digest, FullImage image) -> bytes(image))
            .executor(Runnable::run)
            .build();
  }

  /** The source's image; where it was there already, the times say so. */
  FullImage image(KeptSource source, ImageLimits limits, StageTimes times) {
    AtomicBoolean decoded = new AtomicBoolean();
    FullImage image =
        kept.get(
            digest(source.bytes()),
            digest -> {
              decoded.set(true);
              return source.image(limits);
            });
    if (!decoded.get()) {
      times.hit(Map.of(HIT, 1L));
    }
    return image;
  }

  private static ByteBuffer digest(byte[] bytes) {
    try {
      return ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static int bytes(FullImage image) {
    long samples = (long) image.width() * image.height() * (image.hasAlpha() ? 4 : 3);
    long bytes = samples * (image.isDeep() ? Short.BYTES : Byte.BYTES);
    return Math.toIntExact(Math.min(Integer.MAX_VALUE, bytes));
  }
}
