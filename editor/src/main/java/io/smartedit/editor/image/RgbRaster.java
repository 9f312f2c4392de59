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

/** Any image of ImageIO as 8-bit sRGB over white. */
final class RgbRaster {

  private static final int[] RED_FIRST = {0, 1, 2};

  /** Pixels converted at a time. */
  private static final int STRIP = 1 << 15;

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
    return new Lent(raster);
  }

  /** Gives its raster away instead of a copy: libwebp's writer asks for all of it. */
  private static final class Lent extends BufferedImage {
    private Lent(WritableRaster raster) {
      super(SRGB, raster, false, null);
    }

    @Override
    public Raster getData() {
      return getRaster();
    }
  }

  /**
   * Samples are levels as they are, and what they mean is the file's to say: Java's own grey is
   * linear, and would brighten grey images.
   */
  static Image of(BufferedImage image, Colours colours) {
    if (image.isAlphaPremultiplied()) {
      image.coerceData(false);
    }
    ColorModel model = image.getColorModel();
    if (model instanceof ComponentColorModel) {
      int channels = model.getNumColorComponents();
      return of(image.getRaster(), channels, model.hasAlpha(), colours.toSrgb(channels));
    }
    return ofPacked(image, colours.toSrgb(3));
  }

  /** Of interleaved or planar samples of up to 16 bits, alpha last. */
  static Image of(Raster raster, int channels, boolean hasAlpha, ColourTransform toSrgb) {
    int width = raster.getWidth();
    byte[] rgb = new byte[Math.multiplyExact(3, width * raster.getHeight())];
    int bands = raster.getNumBands();
    int max = (1 << Math.min(16, raster.getSampleModel().getSampleSize(0))) - 1;
    int[] row = new int[width * bands];
    byte[] samples = new byte[width * channels];
    byte[] out = new byte[3 * width];
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(0, y, width, 1, row);
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          samples[x * channels + c] = (byte) scaled(row[x * bands + c], max);
        }
      }
      toSrgb.apply(samples, out, width);
      for (int x = 0; hasAlpha && x < width; x++) {
        overWhite(out, 3 * x, scaled(row[x * bands + channels], max));
      }
      System.arraycopy(out, 0, rgb, y * out.length, out.length);
    }
    return new Image(width, raster.getHeight(), rgb);
  }

  /** Palettes, and pixels packed into numbers. */
  private static Image ofPacked(BufferedImage image, ColourTransform toSrgb) {
    int width = image.getWidth();
    byte[] rgb = new byte[Math.multiplyExact(3, width * image.getHeight())];
    int[] row = new int[width];
    byte[] out = new byte[3 * width];
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        out[3 * x] = (byte) (row[x] >> 16);
        out[3 * x + 1] = (byte) (row[x] >> 8);
        out[3 * x + 2] = (byte) row[x];
      }
      toSrgb.apply(out, out, width);
      for (int x = 0; x < width; x++) {
        overWhite(out, 3 * x, row[x] >>> 24);
      }
      System.arraycopy(out, 0, rgb, y * out.length, out.length);
    }
    return new Image(width, image.getHeight(), rgb);
  }

  /** In place. */
  static void convert(byte[] rgb, ColourTransform toSrgb) {
    if (toSrgb.isIdentity()) {
      return;
    }
    byte[] strip = new byte[Math.min(rgb.length, 3 * STRIP)];
    byte[] out = new byte[strip.length];
    for (int at = 0; at < rgb.length; at += strip.length) {
      int length = Math.min(strip.length, rgb.length - at);
      System.arraycopy(rgb, at, strip, 0, length);
      toSrgb.apply(strip, out, length / 3);
      System.arraycopy(out, 0, rgb, at, length);
    }
  }

  /** A copy in the layout that Java draws fastest. */
  static BufferedImage image(Image image) {
    BufferedImage copy =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_3BYTE_BGR);
    byte[] from = image.rgb();
    byte[] to = ((DataBufferByte) copy.getRaster().getDataBuffer()).getData();
    for (int i = 0; i < to.length; i += 3) {
      to[i] = from[i + 2];
      to[i + 1] = from[i + 1];
      to[i + 2] = from[i];
    }
    return copy;
  }

  private static int scaled(int value, int max) {
    return max == 255 ? value : (int) ((value * 255L + max / 2) / max);
  }

  private static void overWhite(byte[] rgb, int at, int alpha) {
    if (alpha == 255) {
      return;
    }
    for (int c = 0; c < 3; c++) {
      int level = rgb[at + c] & 0xFF;
      rgb[at + c] = (byte) ((level * alpha + 255 * (255 - alpha) + 127) / 255);
    }
  }
}
