package io.smartedit.ingest;

import io.smartedit.service.Problem;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * OpenAI's mask, which is transparent where the image may change, as the stream's, which is white
 * there and black elsewhere.
 */
final class AlphaMask {

  private static final long MAX_PIXELS = 64L << 20;
  private static final int WHITE = 255;

  private AlphaMask() {}

  /** The size of an image. */
  record Size(int width, int height) {}

  /** As its head says it; empty where it is none that Java reads. */
  static Optional<Size> size(byte[] image) {
    try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(image))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        return Optional.empty();
      }
      ImageReader reader = readers.next();
      reader.setInput(in);
      Size size = new Size(reader.getWidth(0), reader.getHeight(0));
      reader.dispose();
      return Optional.of(size);
    } catch (IOException | RuntimeException e) { // readers throw whatever they like
      return Optional.empty();
    }
  }

  /**
   * Converts a mask, one at a time, for it may take much memory.
   *
   * @throws Problem 400 where it is no PNG with transparency, or too large
   */
  static synchronized byte[] toStream(byte[] png) {
    Size size = size(png).orElseThrow(() -> OpenAiForm.refused("mask", "is no PNG image"));
    if ((long) size.width() * size.height() > MAX_PIXELS) {
      throw OpenAiForm.refused(
          "mask",
          "has %d x %d pixels, more than %d".formatted(size.width(), size.height(), MAX_PIXELS));
    }
    BufferedImage mask = read(png);
    if (!mask.getColorModel().hasAlpha()) {
      throw OpenAiForm.refused(
          "mask", "has no alpha channel; what may change is transparent in it");
    }
    BufferedImage white =
        new BufferedImage(mask.getWidth(), mask.getHeight(), BufferedImage.TYPE_BYTE_GRAY);
    int[] row = new int[mask.getWidth()];
    for (int y = 0; y < mask.getHeight(); y++) {
      mask.getRGB(0, y, row.length, 1, row, 0, row.length);
      for (int x = 0; x < row.length; x++) {
        white.getRaster().setSample(x, y, 0, row[x] >>> 24 == 0 ? WHITE : 0);
      }
    }
    return write(white);
  }

  private static BufferedImage read(byte[] png) {
    try {
      BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
      if (image != null) {
        return image;
      }
    } catch (IOException | RuntimeException e) { // as above
      // said below
    }
    throw OpenAiForm.refused("mask", "cannot be decoded");
  }

  private static byte[] write(BufferedImage image) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", bytes);
    } catch (IOException e) {
      throw new IllegalStateException("bytes can always be written", e);
    }
    return bytes.toByteArray();
  }
}
