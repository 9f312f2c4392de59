package io.smartedit.editor.image;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.DataBufferUShort;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.util.Arrays;
import java.util.Optional;

/** Images of ImageIO to {@link FullImage}s and back. */
final class RgbRaster {

  private static final int[] RED_FIRST = {0, 1, 2, 3};

  private RgbRaster() {}

  /**
   * An image whose pixels are these samples, red first. ImageIO's readers and writers have rows in
   * this order, and copy them several times as fast as they turn them into another.
   */
  static BufferedImage over(int width, int height, FullImage.Samples samples) {
    boolean deep = samples.shorts().length > 0;
    int channels = samples.channels();
    DataBuffer data =
        deep
            ? new DataBufferUShort(samples.shorts(), samples.shorts().length)
            : new DataBufferByte(samples.bytes(), samples.bytes().length);
    int[] offsets = Arrays.copyOf(RED_FIRST, channels);
    WritableRaster raster =
        Raster.createInterleavedRaster(
            data, width, height, channels * width, channels, offsets, null);
    boolean alpha = channels == 4;
    ColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            alpha,
            false,
            alpha ? Transparency.TRANSLUCENT : Transparency.OPAQUE,
            data.getDataType());
    return new Lent(model, raster);
  }

  /** Gives its raster away instead of a copy: libwebp's writer asks for all of it. */
  private static final class Lent extends BufferedImage {
    private Lent(ColorModel model, WritableRaster raster) {
      super(model, raster, false, null);
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
  static FullImage of(BufferedImage image, Colours colours, Metadata metadata) {
    if (image.isAlphaPremultiplied()) {
      image.coerceData(false);
    }
    ColorModel model = image.getColorModel();
    if (model instanceof ComponentColorModel) {
      int channels = model.getNumColorComponents();
      return of(image.getRaster(), channels, model.hasAlpha(), colours, metadata);
    }
    return ofPacked(image, colours, metadata);
  }

  /** Of interleaved or planar samples of up to 16 bits, alpha last. */
  static FullImage of(
      Raster raster, int channels, boolean hasAlpha, Colours colours, Metadata metadata) {
    Optional<Space> space = colours.delivered(channels);
    int bits = Math.min(16, raster.getSampleModel().getSampleSize(0));
    boolean deep = bits > 8 && space.isPresent();
    int width = raster.getWidth();
    int height = raster.getHeight();
    FullImage.Samples all = FullImage.Samples.allocate(width, height, hasAlpha ? 4 : 3, deep);
    int in = (1 << bits) - 1;
    int out = deep ? 0xFFFF : 0xFF;
    ColourTransform toSrgb = space.isPresent() ? null : colours.toSrgb(channels);
    int bands = raster.getNumBands();
    int[] row = new int[width * bands];
    for (int y = 0; y < height; y++) {
      raster.getPixels(0, y, width, 1, row);
      if (toSrgb != null) {
        row = converted(row, bands, channels, in, toSrgb);
      }
      int from = toSrgb == null ? channels : 3;
      int step = toSrgb == null ? bands : bands - channels + 3;
      int rowMax = toSrgb == null ? in : 0xFF;
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < all.channels(); c++) {
          int band = c == 3 ? from : from == 1 ? 0 : c;
          int value = scaled(row[x * step + band], rowMax, out);
          int at = all.channels() * (y * width + x) + c;
          if (deep) {
            all.shorts()[at] = (short) value;
          } else {
            all.bytes()[at] = (byte) value;
          }
        }
      }
      row = row.length == width * bands ? row : new int[width * bands];
    }
    return new FullImage(width, height, all, space.orElse(Space.SRGB), metadata);
  }

  /** A row as sRGB of 8 bits, with what follows the colours. */
  private static int[] converted(
      int[] row, int bands, int channels, int max, ColourTransform toSrgb) {
    int width = row.length / bands;
    byte[] samples = new byte[width * channels];
    byte[] rgb = new byte[3 * width];
    for (int x = 0; x < width; x++) {
      for (int c = 0; c < channels; c++) {
        samples[x * channels + c] = (byte) scaled(row[x * bands + c], max, 0xFF);
      }
    }
    toSrgb.apply(samples, rgb, width);
    int step = bands - channels + 3;
    int[] all = new int[width * step];
    for (int x = 0; x < width; x++) {
      for (int c = 0; c < step; c++) {
        all[x * step + c] =
            c < 3 ? rgb[3 * x + c] & 0xFF : scaled(row[x * bands + channels + c - 3], max, 0xFF);
      }
    }
    return all;
  }

  /** Palettes, and pixels packed into numbers. */
  private static FullImage ofPacked(BufferedImage image, Colours colours, Metadata metadata) {
    int width = image.getWidth();
    int height = image.getHeight();
    int channels = image.getColorModel().hasAlpha() ? 4 : 3;
    Optional<Space> space = colours.delivered(3);
    byte[] all = FullImage.Samples.allocate(width, height, channels, false).bytes();
    int[] row = new int[width];
    byte[] rgb = new byte[3 * width];
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        rgb[3 * x] = (byte) (row[x] >> 16);
        rgb[3 * x + 1] = (byte) (row[x] >> 8);
        rgb[3 * x + 2] = (byte) row[x];
      }
      if (space.isEmpty()) {
        colours.toSrgb(3).apply(rgb, rgb, width);
      }
      for (int x = 0; x < width; x++) {
        int at = channels * (y * width + x);
        System.arraycopy(rgb, 3 * x, all, at, 3);
        if (channels == 4) {
          all[at + 3] = (byte) (row[x] >>> 24);
        }
      }
    }
    FullImage.Samples samples = FullImage.Samples.of(channels, all);
    return new FullImage(width, height, samples, space.orElse(Space.SRGB), metadata);
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

  private static int scaled(int value, int from, int to) {
    return from == to ? value : (int) (((long) value * to + from / 2) / from);
  }
}
