package io.smartedit.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/** Any image of ImageIO as 8-bit RGB over white. */
final class RgbRaster {

  private RgbRaster() {}

  static Picture of(BufferedImage image) {
    byte[] rgb = new byte[Math.multiplyExact(3, image.getWidth() * image.getHeight())];
    ColorModel colours = image.getColorModel();
    // Java's grey colour space is linear, so getRGB would brighten grey pictures: take the samples.
    boolean grey =
        !(colours instanceof IndexColorModel)
            && colours.getColorSpace().getType() == ColorSpace.TYPE_GRAY;
    if (grey) {
      fillGrey(image.getRaster(), colours, rgb);
    } else {
      fillColour(image, rgb);
    }
    return new Picture(image.getWidth(), image.getHeight(), rgb);
  }

  private static void fillGrey(Raster raster, ColorModel colours, byte[] rgb) {
    int max = (1 << colours.getComponentSize(0)) - 1;
    int[] row = new int[raster.getWidth() * raster.getNumBands()];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, raster.getWidth(), 1, row);
      for (int x = 0; x < raster.getWidth(); x++) {
        int level = scaled(row[x * raster.getNumBands()], max);
        int alpha = colours.hasAlpha() ? scaled(row[x * raster.getNumBands() + 1], max) : 255;
        byte value = overWhite(level, alpha);
        rgb[at++] = value;
        rgb[at++] = value;
        rgb[at++] = value;
      }
    }
  }

  private static void fillColour(BufferedImage image, byte[] rgb) {
    int[] row = new int[image.getWidth()];
    int at = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, row.length, 1, row, 0, row.length);
      for (int argb : row) {
        int alpha = argb >>> 24;
        rgb[at++] = overWhite(argb >> 16 & 0xFF, alpha);
        rgb[at++] = overWhite(argb >> 8 & 0xFF, alpha);
        rgb[at++] = overWhite(argb & 0xFF, alpha);
      }
    }
  }

  private static int scaled(int value, int max) {
    return (int) ((value * 255L + max / 2) / max);
  }

  private static byte overWhite(int level, int alpha) {
    return (byte) ((level * alpha + 255 * (255 - alpha) + 127) / 255);
  }
}
