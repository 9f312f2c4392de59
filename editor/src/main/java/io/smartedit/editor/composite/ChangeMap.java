package io.smartedit.editor.composite;

import io.smartedit.editor.image.Image;
import java.util.Arrays;

/**
 * Where an edit differs from its source at working size, by the pixel.
 *
 * <p>It is compared with the source's round trip through the autoencoder, so that what the
 * autoencoder alone blurs is no change. What counts rises with the noise between the two; pixels
 * that surely changed take with them those around them that probably did.
 *
 * @param changed by the pixel, row by row
 * @param isWhole whether the edit changed the image as a whole; {@code changed} is then true
 *     everywhere
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ChangeMap(int width, int height, boolean[] changed, boolean isWhole) {

  /** Levels that probably are a change, whatever the noise. */
  private static final double PROBABLE = 10;

  /** However noisy: more than this is seen. */
  private static final double MOST_PROBABLE = 20;

  private static final double SURE = 24;

  /** Sure is so many times probable, where noise raises that. */
  private static final double SURE_RATIO = 2.4;

  /** Deviations of noise; a normal variable exceeds it twice in a billion. */
  private static final double DEVIATIONS = 6;

  private static final double DEVIATION_OF_MEDIAN = 1.4826;

  /** An edit that changes more is of the image as a whole: its style, its weather. */
  private static final double WHOLE = 0.6;

  private static final int LEVELS = 256;
  private static final int LEVEL_PARTS = 64;

  /** Sides by the pixel of smoothing on either side. */
  private static final int SMOOTHING = 128;

  /** Finds what an edit changed. */
  static ChangeMap between(Image edited, Image roundTrip) {
    int width = edited.width();
    int height = edited.height();
    float[] difference = difference(edited, roundTrip);
    double median = median(difference, 0);
    double deviation = DEVIATION_OF_MEDIAN * median(difference, median);
    double probable = Math.min(MOST_PROBABLE, Math.max(PROBABLE, median + DEVIATIONS * deviation));
    double sure = Math.max(SURE, SURE_RATIO * probable);
    boolean[] changed = connected(difference, width, height, probable, sure);
    changed = closed(changed, width, height);
    fillHoles(changed, width, height);
    int count = 0;
    for (boolean pixel : changed) {
      count += pixel ? 1 : 0;
    }
    boolean whole = count > WHOLE * changed.length;
    if (whole) {
      Arrays.fill(changed, true);
    }
    return new ChangeMap(width, height, changed, whole);
  }

  /** Of the values' distances from one, within a {@link #LEVEL_PARTS}th of a level. */
  private static double median(float[] values, double from) {
    int[] counts = new int[LEVELS * LEVEL_PARTS];
    for (float value : values) {
      counts[(int) (Math.abs(value - from) * LEVEL_PARTS)]++;
    }
    int at = 0;
    for (int seen = counts[0]; seen <= values.length / 2; seen += counts[at]) {
      at++;
    }
    return (double) at / LEVEL_PARTS;
  }

  /** The largest of three channels' mean differences around each pixel. */
  private static float[] difference(Image a, Image b) {
    int width = a.width();
    int height = a.height();
    int radius = Math.max(1, Math.round(Math.min(width, height) / (float) SMOOTHING));
    float[] largest = new float[width * height];
    float[] channel = new float[width * height];
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < channel.length; i++) {
        channel[i] = Math.abs((a.rgb()[3 * i + c] & 0xFF) - (b.rgb()[3 * i + c] & 0xFF));
      }
      float[] mean = mean(channel, width, height, radius);
      for (int i = 0; i < mean.length; i++) {
        largest[i] = Math.max(largest[i], mean[i]);
      }
    }
    return largest;
  }

  /** Over squares, smaller ones at the border; by sums over rows and columns. */
  private static float[] mean(float[] values, int width, int height, int radius) {
    double[] sums = new double[(width + 1) * (height + 1)];
    for (int y = 0; y < height; y++) {
      double row = 0;
      for (int x = 0; x < width; x++) {
        row += values[y * width + x];
        sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
      }
    }
    float[] means = new float[values.length];
    for (int y = 0; y < height; y++) {
      int first = Math.max(0, y - radius);
      int end = Math.min(height, y + radius + 1);
      int top = first * (width + 1);
      int bottom = end * (width + 1);
      for (int x = 0; x < width; x++) {
        int left = Math.max(0, x - radius);
        int right = Math.min(width, x + radius + 1);
        double sum =
            sums[bottom + right] - sums[bottom + left] - sums[top + right] + sums[top + left];
        means[y * width + x] = (float) (sum / ((right - left) * (end - first)));
      }
    }
    return means;
  }

  /** What probably changed and is connected with what surely did. */
  private static boolean[] connected(
      float[] difference, int width, int height, double probable, double sure) {
    boolean[] reached = new boolean[difference.length];
    int[] open = new int[difference.length]; // each pixel is put there once
    int count = 0;
    for (int i = 0; i < difference.length; i++) {
      if (difference[i] > sure) {
        reached[i] = true;
        open[count++] = i;
      }
    }
    while (count > 0) {
      int at = open[--count];
      for (int y = Math.max(0, at / width - 1); y <= Math.min(height - 1, at / width + 1); y++) {
        for (int x = Math.max(0, at % width - 1); x <= Math.min(width - 1, at % width + 1); x++) {
          int next = y * width + x;
          if (!reached[next] && difference[next] > probable) {
            reached[next] = true;
            open[count++] = next;
          }
        }
      }
    }
    return reached;
  }

  /** Gaps of a pixel or two are bridged. */
  private static boolean[] closed(boolean[] map, int width, int height) {
    return spread(spread(map, width, height, true), width, height, false);
  }

  /** Each pixel takes the value where a neighbour has it; beyond the border nobody lacks it. */
  private static boolean[] spread(boolean[] map, int width, int height, boolean value) {
    boolean[] result = map.clone();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
          for (int u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
            if (map[v * width + u] == value) {
              result[y * width + x] = value;
            }
          }
        }
      }
    }
    return result;
  }

  /** What cannot be reached from the border without crossing a change is inside one. */
  private static void fillHoles(boolean[] map, int width, int height) {
    boolean[] outside = new boolean[map.length];
    int[] open = new int[map.length]; // each pixel is put there once
    int count = 0;
    for (int i = 0; i < map.length; i++) {
      int x = i % width;
      int y = i / width;
      boolean border = x == 0 || y == 0 || x == width - 1 || y == height - 1;
      if (border && !map[i]) {
        outside[i] = true;
        open[count++] = i;
      }
    }
    while (count > 0) {
      int at = open[--count];
      int x = at % width;
      int y = at / width;
      int[] next = {
        x > 0 ? at - 1 : at,
        x < width - 1 ? at + 1 : at,
        y > 0 ? at - width : at,
        y < height - 1 ? at + width : at
      };
      for (int i : next) {
        if (!map[i] && !outside[i]) {
          outside[i] = true;
          open[count++] = i;
        }
      }
    }
    for (int i = 0; i < map.length; i++) {
      map[i] |= !outside[i];
    }
  }

  @Override
  public String toString() {
    return "ChangeMap[" + width + "x" + height + (isWhole ? ", whole]" : "]");
  }
}
