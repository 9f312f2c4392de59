package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.nn.Precision;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What nets made of images and instructions, by the content of both, so that no image is read
 * twice.
 *
 * <p>It lies in Java's memory and is bounded in bytes; the device holds none of it, and what is
 * taken from it is the taker's own copy, equal to the last bit.
 */
public final class ContentCache {

  private final Cache<Key, List<Numbers>> kept;

  /**
   * @param bytes at most; 0 keeps nothing
   */
  public ContentCache(long bytes) {
    kept =
        Caffeine.newBuilder()
            .maximumWeight(bytes)
            .weigher((Key key, List<Numbers> arrays) -> bytes(arrays))
            .executor(Runnable::run)
            .build();
  }

  /** What is kept of an edit. */
  enum Part {
    /** What the denoiser paints by, of image and instruction. */
    CONDITION,
    /** The vision encoder's features of an image. */
    VISION,
    /** The autoencoder's latents of an image. */
    LATENTS,
    /** An image through the autoencoder and back. */
    ROUND_TRIP;

    /** As events name it. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @param image from {@link #digest}
   * @param rest what else it was made of; empty where it was made of the image alone
   */
  record Key(Part part, ByteBuffer image, String rest) {}

  /** An array off the device. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Numbers(float[] values, Shape shape, Precision precision) {

    /** Single precision holds every number of the others. */
    static Numbers of(NDArray array) {
      NDArray wide = Precision.FP32.of(array);
      Numbers numbers = new Numbers(wide.toFloatArray(), array.getShape(), Precision.in(array));
      if (wide != array) {
        wide.close();
      }
      return numbers;
    }

    NDArray in(NDManager manager) {
      NDArray wide = manager.create(values, shape);
      NDArray array = precision.of(wide);
      if (array != wide) {
        array.attach(manager);
        wide.close();
      }
      return array;
    }
  }

  /** What an image is known by. */
  static ByteBuffer digest(Image image) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(ByteBuffer.allocate(8).putInt(image.width()).putInt(image.height()).flip());
      return ByteBuffer.wrap(digest.digest(image.rgb()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Null where nothing is kept under the key; else copies that belong to the manager. */
  @Nullable NDList get(Key key, NDManager manager) {
    List<Numbers> numbers = kept.getIfPresent(key);
    if (numbers == null) {
      return null;
    }
    NDList arrays = new NDList();
    numbers.forEach(each -> arrays.add(each.in(manager)));
    return arrays;
  }

  void put(Key key, NDList arrays) {
    List<Numbers> numbers = new ArrayList<>();
    arrays.forEach(array -> numbers.add(Numbers.of(array)));
    kept.put(key, numbers);
  }

  private static int bytes(List<Numbers> arrays) {
    long bytes = 0;
    for (Numbers each : arrays) {
      bytes += (long) Float.BYTES * each.values().length;
    }
    return Math.toIntExact(Math.min(Integer.MAX_VALUE, bytes));
  }
}
