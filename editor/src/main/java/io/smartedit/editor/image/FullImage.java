package io.smartedit.editor.image;

import java.awt.image.BufferedImage;

/**
 * An image as it will be delivered: upright, with its own samples at their own depth, in its own
 * colour space, with its alpha and what lay beside its pixels. What the model sees of it is {@link
 * #view}.
 *
 * <p>Samples are interleaved, red first and alpha last; alpha is not multiplied into colours. They
 * may be changed in place by whoever owns the image, rows by different threads.
 */
public final class FullImage {

  private static final int MAX_BYTE = 0xFF;
  private static final int MAX_SHORT = 0xFFFF;

  private final int width;
  private final int height;
  private final int channels;
  private final byte[] bytes;
  private final short[] shorts;
  private final Space space;
  private final Metadata metadata;

  /** As many samples as pixels times channels, in one of two arrays; the other is empty. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Samples(int channels, byte[] bytes, short[] shorts) {
    static Samples of(int channels, byte[] bytes) {
      return new Samples(channels, bytes, new short[0]);
    }

    static Samples allocate(int width, int height, int channels, boolean deep) {
      int count = Math.multiplyExact(channels, Math.multiplyExact(width, height));
      return new Samples(channels, new byte[deep ? 0 : count], new short[deep ? count : 0]);
    }
  }

  FullImage(int width, int height, Samples samples, Space space, Metadata metadata) {
    long count = (long) width * height * samples.channels;
    if (width < 1 || height < 1 || samples.bytes.length + samples.shorts.length != count) {
      throw new IllegalArgumentException("image of " + width + "x" + height + " lacks samples");
    }
    this.width = width;
    this.height = height;
    this.channels = samples.channels;
    this.bytes = samples.bytes;
    this.shorts = samples.shorts;
    this.space = space;
    this.metadata = metadata;
  }

  /** An sRGB image, whose samples it shares. */
  public static FullImage of(Image image) {
    return of(image, Metadata.NONE);
  }

  /** The same, with another's metadata. */
  public static FullImage of(Image image, Metadata metadata) {
    Samples samples = Samples.of(3, image.rgb());
    return new FullImage(image.width(), image.height(), samples, Space.SRGB, metadata);
  }

  public int width() {
    return width;
  }

  public int height() {
    return height;
  }

  /** Whether it has 16 bits a sample, and not 8. */
  public boolean isDeep() {
    return shorts.length > 0;
  }

  public boolean hasAlpha() {
    return channels > 3;
  }

  /** Beside its pixels. */
  public Metadata metadata() {
    return metadata;
  }

  Space space() {
    return space;
  }

  /**
   * A sample from 0 to 255, or to 65,535 where it is deep.
   *
   * @param channel 0 is red; 3 is alpha
   */
  public int sample(int x, int y, int channel) {
    return sample((y * width + x) * channels + channel);
  }

  int sample(int index) {
    return isDeep() ? shorts[index] & MAX_SHORT : bytes[index] & MAX_BYTE;
  }

  private void set(int index, int value) {
    if (isDeep()) {
      shorts[index] = (short) value;
    } else {
      bytes[index] = (byte) value;
    }
  }

  private int max() {
    return isDeep() ? MAX_SHORT : MAX_BYTE;
  }

  /** A copy with memory of its own. */
  public FullImage copy() {
    Samples samples = new Samples(channels, bytes.clone(), shorts.clone());
    return new FullImage(width, height, samples, space, metadata);
  }

  /** As the model and people see it: sRGB over white, 8 bits. Shares samples where they are so. */
  public Image view() {
    if (!isDeep() && !hasAlpha() && space.toSrgb().isIdentity()) {
      return new Image(width, height, bytes);
    }
    byte[] rgb = new byte[Math.multiplyExact(3, width * height)];
    ColourTransform toSrgb = space.toSrgb();
    byte[] row = new byte[3 * width];
    byte[] out = new byte[3 * width];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          row[3 * x + c] = (byte) level(sample((y * width + x) * channels + c));
        }
      }
      toSrgb.apply(row, out, width);
      for (int x = 0; hasAlpha() && x < width; x++) {
        int alpha = level(sample((y * width + x) * channels + 3));
        for (int c = 0; c < 3; c++) {
          out[3 * x + c] = (byte) overWhite(out[3 * x + c] & MAX_BYTE, alpha, MAX_BYTE);
        }
      }
      System.arraycopy(out, 0, rgb, y * out.length, out.length);
    }
    return new Image(width, height, rgb);
  }

  /** Of 8 bits. */
  private int level(int sample) {
    return isDeep() ? (sample * MAX_BYTE + MAX_SHORT / 2) / MAX_SHORT : sample;
  }

  private static int overWhite(int sample, int alpha, int max) {
    return (int) (((long) sample * alpha + (long) max * (max - alpha) + max / 2) / max);
  }

  /** What lays rows of sRGB into it; used by one thread at a time. */
  public Brush brush() {
    return new Brush();
  }

  /** Lays rows of an edit into the image. */
  public final class Brush {
    private final Space.FromSrgb fromSrgb = space.fromSrgb(isDeep());

    private Brush() {}

    /**
     * Lays a part of a row: colours as a share of the edit's and of its own, alpha as it is. Where
     * the image is translucent it takes the colour that gives the edit's over white, for there the
     * model saw it.
     *
     * @param rgb three bytes a pixel, from the first on; overwritten
     * @param share how much is the edit's, from {@code first} to {@code end}; 0 is not touched
     * @return pixels that were touched
     */
    public int lay(int y, int left, byte[] rgb, float[] share, int first, int end) {
      int count = end - first;
      int at = (y * width + left) * channels;
      if (hasAlpha()) {
        for (int i = 0; i < count; i++) {
          unlay(rgb, 3 * i, sample(at + channels * i + 3));
        }
      }
      int[] edit = fromSrgb.apply(rgb, count);
      int pixels = 0;
      for (int i = 0; i < count; i++) {
        float part = share[first + i];
        if (part == 0) {
          continue;
        }
        pixels++;
        for (int c = 0; c < 3; c++) {
          int index = at + channels * i + c;
          int own = sample(index);
          set(index, (int) (own + part * (edit[3 * i + c] - own) + 0.5f));
        }
      }
      return pixels;
    }

    /** What gives a colour when it is laid over white. */
    private void unlay(byte[] rgb, int at, int alpha) {
      if (alpha == 0 || alpha == max()) {
        return;
      }
      float opaque = (float) alpha / max();
      for (int c = at; c < at + 3; c++) {
        float level = ((rgb[c] & MAX_BYTE) - MAX_BYTE * (1 - opaque)) / opaque;
        rgb[c] = (byte) Math.round(Math.max(0, Math.min(MAX_BYTE, level)));
      }
    }
  }

  /** For a writer, as deep as it may be. */
  BufferedImage buffered(boolean deep, boolean alpha) {
    boolean asIs = deep == isDeep() && alpha == hasAlpha();
    if (asIs) {
      return RgbRaster.over(width, height, new Samples(channels, bytes, shorts));
    }
    Samples plain = Samples.allocate(width, height, alpha ? 4 : 3, deep);
    for (int i = 0; i < width * height; i++) {
      int opaque = hasAlpha() ? sample(channels * i + 3) : max();
      for (int c = 0; c < plain.channels; c++) {
        int sample = c == 3 ? opaque : sample(channels * i + c);
        if (hasAlpha() && !alpha) {
          sample = overWhite(sample, opaque, max());
        }
        if (deep) {
          plain.shorts[plain.channels * i + c] = (short) sample;
        } else {
          plain.bytes[plain.channels * i + c] = (byte) level(sample);
        }
      }
    }
    return RgbRaster.over(width, height, plain);
  }

  /** Turned as EXIF's orientation says. */
  FullImage upright(int orientation) {
    if (orientation == 1) {
      return this;
    }
    boolean swaps = orientation >= 5;
    int newWidth = swaps ? height : width;
    int newHeight = swaps ? width : height;
    Samples turned = Samples.allocate(newWidth, newHeight, channels, isDeep());
    Object from = isDeep() ? shorts : bytes;
    Object to = isDeep() ? turned.shorts : turned.bytes;
    // 2, 3, 7, 8 mirror the columns; 3, 4, 6, 7 the rows.
    boolean flipU = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    boolean flipV = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    for (int y = 0; y < newHeight; y++) {
      for (int x = 0; x < newWidth; x++) {
        int u = swaps ? y : x;
        int v = swaps ? x : y;
        int sx = flipU ? width - 1 - u : u;
        int sy = flipV ? height - 1 - v : v;
        System.arraycopy(
            from, channels * (sy * width + sx), to, channels * (y * newWidth + x), channels);
      }
    }
    return new FullImage(newWidth, newHeight, turned, space, metadata.upright(orientation));
  }

  @Override
  public String toString() {
    return "FullImage[" + width + "x" + height + (isDeep() ? ", 16 bits]" : "]");
  }
}
