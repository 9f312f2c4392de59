package io.smartedit.benchmarks;

import io.smartedit.editor.composite.Composite;
import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.FullImage;
import io.smartedit.editor.image.Image;
import java.util.Arrays;
import java.util.Random;

/**
 * How long it takes to lay an edit into a photograph of 12 megapixels, by working size and by how
 * much was changed; without decoding and encoding. Prints the median and the slowest of some runs.
 */
final class CompositeBenchmark {

  private static final int WIDTH = 4000;
  private static final int HEIGHT = 3000;
  private static final int RUNS = 9;
  private static final int WARM_UP = 2;

  private CompositeBenchmark() {}

  public static void main(String[] arguments) {
    System.out.printf("%8s %8s %10s %10s%n", "working", "changed", "median s", "slowest s");
    for (int side : new int[] {64, 256, 1024}) {
      Image photograph = noise(WIDTH, HEIGHT); // each edit is laid into what the last one left
      Image roundTrip = Bicubic.resize(photograph, side, side);
      for (double share : new double[] {0.01, 0.1, 0.5, 1}) {
        measure(photograph, roundTrip, share);
      }
    }
  }

  private static void measure(Image photograph, Image roundTrip, double share) {
    Image edited = painted(roundTrip, share);
    double[] seconds = new double[RUNS];
    double changed = 0;
    for (int i = -WARM_UP; i < RUNS; i++) {
      long begin = System.nanoTime();
      changed = Composite.over(FullImage.of(photograph), edited, roundTrip, null).change().share();
      if (i >= 0) {
        seconds[i] = (System.nanoTime() - begin) / 1e9;
      }
    }
    Arrays.sort(seconds);
    System.out.printf(
        "%8d %7.1f%% %10.3f %10.3f%n",
        roundTrip.width(), 100 * changed, seconds[RUNS / 2], seconds[RUNS - 1]);
  }

  /** With a dark square of some share of the image in its middle. */
  private static Image painted(Image image, double share) {
    byte[] rgb = image.rgb().clone();
    int side = (int) Math.round(Math.sqrt(share) * image.width());
    int from = (image.width() - side) / 2;
    for (int y = from; y < from + side; y++) {
      int row = 3 * y * image.width();
      Arrays.fill(rgb, row + 3 * from, row + 3 * (from + side), (byte) 0);
    }
    return new Image(image.width(), image.height(), rgb);
  }

  private static Image noise(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    new Random(1).nextBytes(rgb);
    return new Image(width, height, rgb);
  }
}
