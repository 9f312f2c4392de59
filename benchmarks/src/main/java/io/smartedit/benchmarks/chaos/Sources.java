package io.smartedit.benchmarks.chaos;

import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SplittableRandom;

/** The images that are edited: some of several sizes, no two alike. */
final class Sources {

  /** How many there are. */
  static final int COUNT = 32;

  /** A text, not an image. */
  static final String NO_IMAGE = "chaos/text.png";

  private static final int SMALLEST = 48;

  private Sources() {}

  /** An image's key. */
  static String name(int number) {
    return "chaos/" + number + (isPng(number) ? ".png" : ".jpg");
  }

  private static boolean isPng(int number) {
    return number % 2 == 0;
  }

  /** Puts all into the store. */
  static void fill(Rig rig) {
    try (S3ObjectStore store = rig.objects()) {
      for (int i = 0; i < COUNT; i++) {
        ImageCodec.Format format = isPng(i) ? ImageCodec.Format.PNG : ImageCodec.Format.JPEG;
        write(store, name(i), ImageCodec.encode(image(i), format), format.mediaType());
      }
      write(store, NO_IMAGE, "no image".getBytes(StandardCharsets.UTF_8), "image/png");
    }
  }

  private static void write(S3ObjectStore store, String key, byte[] bytes, String mediaType) {
    store.write(new ObjectName(LocalStream.INBOX, key), bytes, mediaType, Map.of());
  }

  private static Image image(int number) {
    SplittableRandom random = new SplittableRandom(number);
    int width = SMALLEST + 8 * random.nextInt(16);
    int height = SMALLEST + 8 * random.nextInt(16);
    byte[] rgb = new byte[width * height * 3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (128 + 60 * Math.sin(i / 97.0 + number) + random.nextInt(40));
    }
    return new Image(width, height, rgb);
  }
}
