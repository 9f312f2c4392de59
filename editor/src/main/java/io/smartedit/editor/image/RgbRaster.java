package io.smartedit.editor.image;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;

/** Any image of ImageIO as 8-bit RGB over white. */
final class RgbRaster {

  private static final int[] RED_FIRST = {0, 1, 2};
  private static final ColorModel SRGB =
      new ComponentColorModel(
          ColorSpace.getInstance(ColorSpace.CS_sRGB),
          false,
          false,
          Transparency.OPAQUE,
          DataBuffer.TYPE_BYTE);

  private RgbRaster() {}

  /**
   * An image whose pixels are these bytes, red first. ImageIO's readers and writers have rows in
   * this order, and copy them several times as fast as they turn them into another.
   */
  static BufferedImage over(int width, int height, byte[] rgb) {
    WritableRaster raster =
        Raster.createInterleavedRaster(
            new DataBufferByte(rgb, rgb.length), width, height, 3 * width, 3, RED_FIRST, null);
    return new BufferedImage(SRGB, raster, false, null);
  }

  static Image of(BufferedImage image) {
    byte[] rgb = new byte[Math.multiplyExact(3, image.getWidth() * image.getHeight())];
    ColorModel colours = image.getColorModel();
    Raster raster = image.getRaster();
    if (!hasPlainSamples(colours)) {
      fillColour(image, rgb);
    } else if (image.getType() == BufferedImage.TYPE_3BYTE_BGR
        && raster.getDataBuffer().getSize() == rgb.length) {
      copyTurned(bytes(image), rgb);
    } else {
      fillSamples(raster, colours, rgb);
    }
    return new Image(image.getWidth(), image.getHeight(), rgb);
  }

  /** A copy in the layout that Java draws fastest. */
  static BufferedImage image(Image image) {
    BufferedImage turned =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_3BYTE_BGR);
    copyTurned(image.rgb(), bytes(turned));
    return turned;
  }

  private static byte[] bytes(BufferedImage image) {
    return ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
  }

  /** Red, green, blue to blue, green, red, and back. */
  private static void copyTurned(byte[] from, byte[] to) {
    for (int i = 0; i < to.length; i += 3) {
      to[i] = from[i + 2];
      to[i + 1] = from[i + 1];
      to[i + 2] = from[i];
    }
  }

  /**
   * Whether samples are levels as they are. Java's grey colour space is linear, so getRGB would
   * brighten grey images; for sRGB it would give the same, several times slower.
   */
  private static boolean hasPlainSamples(ColorModel colours) {
    ColorSpace space = colours.getColorSpace();
    return colours instanceof ComponentColorModel
        && !colours.isAlphaPremultiplied()
        && (space.getType() == ColorSpace.TYPE_GRAY || space.isCS_sRGB());
  }

  private static void fillSamples(Raster raster, ColorModel colours, byte[] rgb) {
    int max = (1 << colours.getComponentSize(0)) - 1;
    int bands = raster.getNumBands();
    int levels = colours.getNumColorComponents();
    int[] row = new int[raster.getWidth() * bands];
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(0, y, raster.getWidth(), 1, row);
      for (int pixel = 0; pixel < row.length; pixel += bands) {
        int alpha = colours.hasAlpha() ? scaled(row[pixel + levels], max) : 255;
        for (int c = 0; c < 3; c++) {
          rgb[at++] = overWhite(scaled(row[pixel + (levels == 1 ? 0 : c)], max), alpha);
        }
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
    return max == 255 ? value : (int) ((value * 255L + max / 2) / max);
  }

  private static byte overWhite(int level, int alpha) {
    return alpha == 255 ? (byte) level : (byte) ((level * alpha + 255 * (255 - alpha) + 127) / 255);
  }
}
