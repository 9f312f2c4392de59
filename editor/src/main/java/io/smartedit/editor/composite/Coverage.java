package io.smartedit.editor.composite;

import org.jspecify.annotations.Nullable;

/**
 * How much of a source's pixels is the edit's: a change map carried to the source's size, its edges
 * feathered by the interpolation between two of its pixels. Rows are made as they are asked for.
 * Used from one thread.
 */
final class Coverage {

  /** Less does not change a level. */
  private static final float LEAST = 1 / 512f;

  private final int width;
  private final Taps across;
  private final Taps down;
  private final float[] map;
  private final int mapWidth;
  private final @Nullable Mask mask;
  private final float[] narrow;

  Coverage(ChangeMap changes, int width, int height, @Nullable Mask mask) {
    this.width = width;
    this.mapWidth = changes.width();
    this.across = Taps.of(changes.width(), width);
    this.down = Taps.of(changes.height(), height);
    this.map = new float[changes.changed().length];
    for (int i = 0; i < map.length; i++) {
      map[i] = changes.changed()[i] ? 1 : 0;
    }
    this.mask = mask;
    this.narrow = new float[mapWidth];
  }

  /**
   * One row.
   *
   * @param row filled from 0, the source's alone, to 1, the edit's alone
   * @return whether any of it is the edit's
   */
  boolean read(int y, float[] row) {
    boolean any = false;
    for (int x = 0; x < mapWidth; x++) {
      float sum = 0;
      for (int i = 0; i < down.count(y); i++) {
        sum += down.weight(y, i) * map[(down.first(y) + i) * mapWidth + x];
      }
      narrow[x] = sum;
      any |= sum > 0;
    }
    if (!any) {
      return false;
    }
    any = false;
    for (int x = 0; x < width; x++) {
      float sum = 0;
      for (int i = 0; i < across.count(x); i++) {
        sum += across.weight(x, i) * narrow[across.first(x) + i];
      }
      float allowed = mask == null || sum < LEAST ? 1 : mask.level(x, y) / 255f;
      row[x] = sum * allowed < LEAST ? 0 : Math.min(1, sum * allowed);
      any |= row[x] > 0;
    }
    return any;
  }

  /** Linear interpolation's weights; over all that a pixel covers where the size shrinks. */
  private static final class Taps {
    private final int[] first;
    private final float[][] weights;

    private Taps(int size) {
      first = new int[size];
      weights = new float[size][];
    }

    static Taps of(int from, int to) {
      Taps taps = new Taps(to);
      double scale = (double) from / to;
      double support = Math.max(1, scale);
      for (int i = 0; i < to; i++) {
        double centre = (i + 0.5) * scale;
        int first = Math.max(0, (int) (centre - support + 0.5));
        int end = Math.min(from, (int) (centre + support + 0.5));
        float[] weights = new float[Math.max(1, end - first)];
        first = Math.min(first, from - weights.length);
        double sum = 0;
        for (int j = 0; j < weights.length; j++) {
          double distance = Math.abs(first + j + 0.5 - centre) / support;
          weights[j] = (float) Math.max(0, 1 - distance);
          sum += weights[j];
        }
        for (int j = 0; j < weights.length; j++) {
          weights[j] = sum == 0 ? 1f / weights.length : (float) (weights[j] / sum);
        }
        taps.first[i] = first;
        taps.weights[i] = weights;
      }
      return taps;
    }

    int first(int i) {
      return first[i];
    }

    int count(int i) {
      return weights[i].length;
    }

    float weight(int i, int j) {
      return weights[i][j];
    }
  }
}
