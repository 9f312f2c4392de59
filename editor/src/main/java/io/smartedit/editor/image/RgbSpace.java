package io.smartedit.editor.image;

import java.awt.color.ICC_Profile;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An RGB colour space said in numbers.
 *
 * @param chromaticities x and y of white, red, green and blue
 * @param gamma of the file, as PNG says it; 0 for sRGB's curve
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RgbSpace(double[] chromaticities, double gamma) {

  private static final double[] BT709 = {0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06};
  private static final double[] P3 = {0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06};
  private static final double[] BT2020 = {0.3127, 0.329, 0.708, 0.292, 0.17, 0.797, 0.131, 0.046};
  private static final double[] D50 = {0.34567, 0.3585};
  private static final double SAME = 0.002;
  private static final double[][] BRADFORD = {
    {0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}
  };
  private static final int STEPS = 1 << 14;

  /** ITU-T H.273's primaries and transfer characteristics; none where it is not a screen's. */
  static Optional<RgbSpace> coded(int primaries, int transfer) {
    double gamma =
        switch (transfer) {
          case 1, 6, 13, 14, 15 -> 0; // BT.709's curve is meant to be shown as sRGB's
          case 4 -> 1 / 2.2;
          case 5 -> 1 / 2.8;
          case 8 -> 1;
          default -> -1;
        };
    double[] chromaticities =
        switch (primaries) {
          case 1 -> BT709;
          case 9 -> BT2020;
          case 12 -> P3;
          default -> null;
        };
    return chromaticities == null || gamma < 0
        ? Optional.empty()
        : Optional.of(new RgbSpace(chromaticities, gamma));
  }

  /** sRGB in whatever is not said, or makes no sense. */
  static RgbSpace measured(double gamma, double @Nullable [] chromaticities) {
    boolean sound = chromaticities != null && isSound(chromaticities);
    return new RgbSpace(sound && chromaticities != null ? chromaticities : BT709, gamma);
  }

  static RgbSpace srgb() {
    return new RgbSpace(BT709, 0);
  }

  /** The same space as a profile. */
  ICC_Profile profile() {
    return IccWriter.rgb(
        primaries(), gamma == 0 ? IccWriter.srgbCurve() : IccWriter.gammaCurve(1 / gamma));
  }

  /** Columns of red, green and blue, in XYZ by D50. */
  double[][] primaries() {
    return times(adaptation(chromaticities, D50), toXyz(chromaticities));
  }

  boolean isSrgb() {
    for (int i = 0; i < BT709.length; i++) {
      if (Math.abs(chromaticities[i] - BT709[i]) > SAME) {
        return false;
      }
    }
    return gamma == 0;
  }

  /** Where the primaries span a triangle and none lies at the edge of the diagram. */
  private static boolean isSound(double[] xy) {
    for (int i = 0; i < 8; i += 2) {
      if (xy[i] < 0 || xy[i + 1] < 0.01 || xy[i] + xy[i + 1] > 1.01) {
        return false;
      }
    }
    double area = (xy[4] - xy[2]) * (xy[7] - xy[3]) - (xy[6] - xy[2]) * (xy[5] - xy[3]);
    return Math.abs(area) > 0.01;
  }

  ToSrgb toSrgb() {
    double[][] matrix =
        times(
            inverse(toXyz(BT709)), times(adaptation(chromaticities, BT709), toXyz(chromaticities)));
    double[] linear = new double[256];
    for (int i = 0; i < 256; i++) {
      double level = i / 255.0;
      linear[i] = gamma == 0 ? fromSrgb(level) : Math.pow(level, 1 / gamma);
    }
    byte[] encoded = new byte[STEPS + 1];
    for (int i = 0; i <= STEPS; i++) {
      // Its square spreads the dark, where sRGB has most levels.
      double root = (double) i / STEPS;
      encoded[i] = (byte) Math.round(255 * srgb(root * root));
    }
    return new ToSrgb(matrix, linear, encoded);
  }

  /** Tables of one conversion. */
  static final class ToSrgb {
    private final double[][] matrix;
    private final double[] linear;
    private final byte[] encoded;

    private ToSrgb(double[][] matrix, double[] linear, byte[] encoded) {
      this.matrix = matrix;
      this.linear = linear;
      this.encoded = encoded;
    }

    void apply(byte[] rgb, int pixels) {
      for (int i = 0; i < 3 * pixels; i += 3) {
        double red = linear[rgb[i] & 0xFF];
        double green = linear[rgb[i + 1] & 0xFF];
        double blue = linear[rgb[i + 2] & 0xFF];
        for (int c = 0; c < 3; c++) {
          double value = matrix[c][0] * red + matrix[c][1] * green + matrix[c][2] * blue;
          double root = Math.sqrt(Math.max(0, Math.min(1, value)));
          rgb[i + c] = encoded[(int) (root * STEPS + 0.5)];
        }
      }
    }
  }

  private static double fromSrgb(double level) {
    return level <= 0.04045 ? level / 12.92 : Math.pow((level + 0.055) / 1.055, 2.4);
  }

  private static double srgb(double linear) {
    return linear <= 0.0031308 ? 12.92 * linear : 1.055 * Math.pow(linear, 1 / 2.4) - 0.055;
  }

  private static double[] xyz(double x, double y) {
    return new double[] {x / y, 1, (1 - x - y) / y};
  }

  private static double[][] toXyz(double[] xy) {
    double[][] primaries = new double[3][3];
    for (int i = 0; i < 3; i++) {
      double[] column = xyz(xy[2 * i + 2], xy[2 * i + 3]);
      for (int row = 0; row < 3; row++) {
        primaries[row][i] = column[row];
      }
    }
    double[] scale = times(inverse(primaries), xyz(xy[0], xy[1]));
    for (double[] row : primaries) {
      for (int i = 0; i < 3; i++) {
        row[i] *= scale[i];
      }
    }
    return primaries;
  }

  /** Bradford's, from one white to another. */
  private static double[][] adaptation(double[] from, double[] to) {
    double[] was = times(BRADFORD, xyz(from[0], from[1]));
    double[] is = times(BRADFORD, xyz(to[0], to[1]));
    double[][] scale = new double[3][3];
    for (int i = 0; i < 3; i++) {
      scale[i][i] = is[i] / was[i];
    }
    return times(inverse(BRADFORD), times(scale, BRADFORD));
  }

  private static double[] times(double[][] a, double[] v) {
    double[] product = new double[3];
    for (int i = 0; i < 3; i++) {
      product[i] = a[i][0] * v[0] + a[i][1] * v[1] + a[i][2] * v[2];
    }
    return product;
  }

  private static double[][] times(double[][] a, double[][] b) {
    double[][] product = new double[3][3];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        product[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
      }
    }
    return product;
  }

  private static double[][] inverse(double[][] m) {
    double[][] cofactors = new double[3][3];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        int a = (i + 1) % 3;
        int b = (i + 2) % 3;
        int c = (j + 1) % 3;
        int d = (j + 2) % 3;
        cofactors[j][i] = m[a][c] * m[b][d] - m[a][d] * m[b][c];
      }
    }
    double determinant =
        m[0][0] * cofactors[0][0] + m[0][1] * cofactors[1][0] + m[0][2] * cofactors[2][0];
    for (double[] row : cofactors) {
      for (int i = 0; i < 3; i++) {
        row[i] /= determinant;
      }
    }
    return cofactors;
  }

  @Override
  public String toString() {
    return "RgbSpace[gamma " + gamma + "]";
  }
}
