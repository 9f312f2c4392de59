package io.smartedit.provenance;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import javax.imageio.ImageIO;

/** Images of noise. */
final class TestImages {

  /** One pixel; the JDK writes no WebP. */
  private static final byte[] WEBP =
      Base64.getDecoder().decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==");

  enum Format {
    PNG,
    JPEG,
    WEBP
  }

  private TestImages() {}

  static byte[] noise(Format format, int width, int height, long seed) {
    Random random = new Random(seed);
    if (format == Format.WEBP) {
      byte[] noise = new byte[width * height];
      random.nextBytes(noise);
      return webp(noise);
    }
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, random.nextInt());
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, format.name(), bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return bytes.toByteArray();
  }

  /** With a chunk that nobody knows. */
  private static byte[] webp(byte[] chunk) {
    int length = WEBP.length + 8 + chunk.length + chunk.length % 2;
    ByteBuffer image = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    image.put(WEBP).putInt(4, length - 8);
    image.put("NOIS".getBytes(StandardCharsets.US_ASCII)).putInt(chunk.length).put(chunk);
    return image.array();
  }
}
