package io.smartedit.evaluation;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.Image;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntPredicate;

/**
 * Differences of two images of one size, as torchmetrics computes them with its defaults and a data
 * range of 1. Any thread may call them.
 */
public final class Metrics {

  private static final int WINDOW = 11;
  private static final double DEVIATION = 1.5;
  private static final double C1 = 0.01 * 0.01;
  private static final double C2 = 0.03 * 0.03;

  private Metrics() {}

  /** Mean squared difference of samples in 0..1. */
  public static double mse(Image a, Image b) {
    requireOneSize(a, b);
    double sum = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      double difference = ((a.rgb()[i] & 0xFF) - (b.rgb()[i] & 0xFF)) / 255.0;
      sum += difference * difference;
    }
    return sum / a.rgb().length;
  }

  /** Peak signal-to-noise ratio in dB; infinite for equal images. */
  public static double psnr(Image a, Image b) {
    return 10 * Math.log10(1 / mse(a, b));
  }

  /**
   * Structural similarity (Wang et al., 2004): Gaussian window of 11 pixels and deviation 1.5, the
   * image mirrored beyond its edges, mean over channels and pixels.
   *
   * @throws IllegalArgumentException if a side is shorter than the window
   */
  public static double ssim(Image a, Image b) {
    requireOneSize(a, b);
    if (a.width() < WINDOW || a.height() < WINDOW) {
      throw new IllegalArgumentException(a + " is smaller than the window of " + WINDOW);
    }
    double sum = 0;
    for (int channel = 0; channel < 3; channel++) {
      double[] x = plane(a, channel);
      double[] y = plane(b, channel);
      double[] meanX = blurred(x, a.width(), a.height());
      double[] meanY = blurred(y, a.width(), a.height());
      double[] squareX = blurred(product(x, x), a.width(), a.height());
      double[] squareY = blurred(product(y, y), a.width(), a.height());
      double[] both = blurred(product(x, y), a.width(), a.height());
      for (int i = 0; i < meanX.length; i++) {
        double varianceX = Math.max(0, squareX[i] - meanX[i] * meanX[i]);
        double varianceY = Math.max(0, squareY[i] - meanY[i] * meanY[i]);
        double covariance = both[i] - meanX[i] * meanY[i];
        sum +=
            (2 * meanX[i] * meanY[i] + C1)
                * (2 * covariance + C2)
                / ((meanX[i] * meanX[i] + meanY[i] * meanY[i] + C1) * (varianceX + varianceY + C2))
                / meanX.length;
      }
    }
    return sum / 3;
  }

  /**
   * The image with pixels blacked out, as Reason-Edit does with those inside the mask.
   *
   * @param out by the pixel's index, row by row
   */
  public static Image without(Image image, IntPredicate out) {
    byte[] rgb = image.rgb().clone();
    for (int i = 0; i < image.width() * image.height(); i++) {
      if (out.test(i)) {
        rgb[3 * i] = 0;
        rgb[3 * i + 1] = 0;
        rgb[3 * i + 2] = 0;
      }
    }
    return new Image(image.width(), image.height(), rgb);
  }

  /** Mean absolute difference, from 0 to 1, after the first is scaled to the second's size. */
  static double l1(Image image, Image target) {
    Image scaled = Bicubic.resize(image, target.width(), target.height());
    double sum = 0;
    for (int i = 0; i < target.rgb().length; i++) {
      sum += Math.abs((scaled.rgb()[i] & 0xFF) - (target.rgb()[i] & 0xFF)) / 255.0;
    }
    return sum / target.rgb().length;
  }

  /** The cosine of the angle between two vectors. */
  static double cosine(NDArray a, NDArray b) {
    double lengths = (double) a.square().sum().getFloat() * b.square().sum().getFloat();
    return a.mul(b).sum().getFloat() / Math.sqrt(lengths);
  }

  /**
   * The middle of an image, a square.
   *
   * @param shorter what the shorter side is scaled to
   * @param side of the square
   * @param rounding of its place: transformers' floor, torchvision's rint
   */
  static Image centre(Image image, int shorter, int side, DoubleUnaryOperator rounding) {
    int now = Math.min(image.width(), image.height());
    int width = (int) ((long) image.width() * shorter / now);
    int height = (int) ((long) image.height() * shorter / now);
    Image scaled = Bicubic.resize(image, width, height);
    int left = (int) rounding.applyAsDouble((width - side) / 2.0);
    int top = (int) rounding.applyAsDouble((height - side) / 2.0);
    return crop(scaled, left, top, side, side);
  }

  /** A part of an image. */
  static Image crop(Image image, int left, int top, int width, int height) {
    byte[] rgb = new byte[width * height * 3];
    for (int y = 0; y < height; y++) {
      int from = ((top + y) * image.width() + left) * 3;
      System.arraycopy(image.rgb(), from, rgb, y * width * 3, width * 3);
    }
    return new Image(width, height, rgb);
  }

  private static double[] plane(Image image, int channel) {
    double[] plane = new double[image.width() * image.height()];
    for (int i = 0; i < plane.length; i++) {
      plane[i] = (image.rgb()[3 * i + channel] & 0xFF) / 255.0;
    }
    return plane;
  }

  private static double[] product(double[] a, double[] b) {
    double[] product = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      product[i] = a[i] * b[i];
    }
    return product;
  }

  /** The window's mean around every pixel, the image mirrored beyond its edges. */
  private static double[] blurred(double[] plane, int width, int height) {
    double[] kernel = kernel();
    int reach = WINDOW / 2;
    double[] across = new double[plane.length];
    double[] result = new double[plane.length];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int k = 0; k < WINDOW; k++) {
          across[y * width + x] += kernel[k] * plane[y * width + mirrored(x + k - reach, width)];
        }
      }
    }
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int k = 0; k < WINDOW; k++) {
          result[y * width + x] += kernel[k] * across[mirrored(y + k - reach, height) * width + x];
        }
      }
    }
    return result;
  }

  private static int mirrored(int i, int length) {
    int positive = Math.abs(i);
    return positive < length ? positive : 2 * length - 2 - positive;
  }

  private static double[] kernel() {
    double[] kernel = new double[WINDOW];
    double sum = 0;
    for (int i = 0; i < WINDOW; i++) {
      double distance = i - (WINDOW - 1) / 2.0;
      kernel[i] = Math.exp(-distance * distance / (2 * DEVIATION * DEVIATION));
      sum += kernel[i];
    }
    for (int i = 0; i < WINDOW; i++) {
      kernel[i] /= sum;
    }
    return kernel;
  }

  private static void requireOneSize(Image a, Image b) {
    if (a.width() != b.width() || a.height() != b.height()) {
      throw new IllegalArgumentException(a + " and " + b + " differ in size");
    }
  }
}
