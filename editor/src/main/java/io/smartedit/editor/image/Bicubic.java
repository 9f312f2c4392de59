package io.smartedit.editor.image;

/**
 * Antialiased bicubic resize, equal to Pillow's {@code BICUBIC} bit for bit.
 *
 * <p>Keys' kernel with a = -0.5; when shrinking, its support grows with the factor. Horizontal pass
 * first, 8-bit intermediate, 22-bit fixed-point weights (Pillow, {@code Resample.c}).
 */
public final class Bicubic {

  private static final int PRECISION_BITS = 22;
  private static final double SUPPORT = 2;

  private Bicubic() {}

  /** The image at another size; the same image where the size does not change. */
  public static Image resize(Image source, int width, int height) {
    Image wide = source.width() == width ? source : horizontal(source, width);
    return wide.height() == height ? wide : vertical(wide, height);
  }

  /** Rows of the image at another size, each made when it is asked for. */
  public static Rows rows(Image source, int width, int height) {
    return new Rows(source.width() == width ? source : horizontal(source, width), height);
  }

  /** Rows of a resized image; equal to {@link #resize}'s. */
  public static final class Rows {
    private final Image wide;
    private final Weights weights;

    private Rows(Image wide, int height) {
      this.wide = wide;
      this.weights = Weights.of(wide.height(), height);
    }

    /** Fills three bytes a pixel. From any thread. */
    public void read(int y, byte[] row) {
      read(y, 0, wide.width(), row);
    }

    /** The same of a row's pixels from one to before another. */
    public void read(int y, int from, int to, byte[] row) {
      fillRow(wide, weights, y, 3 * from, row, 0, 3 * (to - from));
    }
  }

  private static Image horizontal(Image source, int width) {
    Weights weights = Weights.of(source.width(), width);
    byte[] in = source.rgb();
    byte[] out = new byte[width * source.height() * 3];
    for (int y = 0; y < source.height(); y++) {
      int row = y * source.width();
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < 3; c++) {
          int sum = 1 << (PRECISION_BITS - 1);
          for (int i = 0; i < weights.count[x]; i++) {
            sum += (in[(row + weights.first[x] + i) * 3 + c] & 0xFF) * weights.of[x][i];
          }
          out[(y * width + x) * 3 + c] = clip(sum);
        }
      }
    }
    return new Image(width, source.height(), out);
  }

  private static Image vertical(Image source, int height) {
    Weights weights = Weights.of(source.height(), height);
    int stride = source.width() * 3;
    byte[] out = new byte[stride * height];
    for (int y = 0; y < height; y++) {
      fillRow(source, weights, y, 0, out, y * stride, stride);
    }
    return new Image(source.width(), height, out);
  }

  /** So many samples of a row, from the {@code from}th on. */
  private static void fillRow(
      Image source, Weights weights, int y, int from, byte[] out, int at, int samples) {
    byte[] in = source.rgb();
    int stride = source.width() * 3;
    int[] of = weights.of[y];
    int first = weights.first[y] * stride + from;
    for (int x = 0; x < samples; x++) {
      int sum = 1 << (PRECISION_BITS - 1);
      for (int i = 0; i < of.length; i++) {
        sum += (in[first + i * stride + x] & 0xFF) * of[i];
      }
      out[at + x] = clip(sum);
    }
  }

  private static byte clip(int sum) {
    return (byte) Math.max(0, Math.min(255, sum >> PRECISION_BITS));
  }

  private static double kernel(double distance) {
    double x = Math.abs(distance);
    double a = -0.5;
    if (x < 1) {
      return ((a + 2) * x - (a + 3)) * x * x + 1;
    }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  }

  /** For each output sample, the first input sample, how many, and their fixed-point weights. */
  private static final class Weights {
    private final int[] first;
    private final int[] count;
    private final int[][] of;

    private Weights(int size) {
      first = new int[size];
      count = new int[size];
      of = new int[size][];
    }

    private static Weights of(int from, int to) {
      Weights weights = new Weights(to);
      double scale = (double) from / to;
      double filterScale = Math.max(scale, 1);
      double support = SUPPORT * filterScale;
      for (int i = 0; i < to; i++) {
        double centre = (i + 0.5) * scale;
        int first = Math.max(0, (int) (centre - support + 0.5));
        int count = Math.min(from, (int) (centre + support + 0.5)) - first;
        weights.first[i] = first;
        weights.count[i] = count;
        weights.of[i] = fixedPoint(first, count, centre, filterScale);
      }
      return weights;
    }

    private static int[] fixedPoint(int first, int count, double centre, double filterScale) {
      double[] exact = new double[count];
      double sum = 0;
      for (int i = 0; i < count; i++) {
        exact[i] = kernel((i + first - centre + 0.5) / filterScale);
        sum += exact[i];
      }
      int[] rounded = new int[count];
      for (int i = 0; i < count; i++) {
        double weight = exact[i] / sum * (1 << PRECISION_BITS);
        rounded[i] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
      }
      return rounded;
    }
  }
}
