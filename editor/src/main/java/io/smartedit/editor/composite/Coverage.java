package io.smartedit.editor.composite;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How much of a source's pixels is the edit's: a change map carried to the source's size, its edges
 * feathered by the interpolation between two of its pixels. Rows are made as they are asked for.
 * Thread-safe.
 */
final class Coverage {

  /** Less does not change a level. */
  private static final float LEAST = 1 / 512f;

  private final ChangeMap map;
  private final Taps across;
  private final Taps down;
  private final @Nullable Mask mask;
  private final Box box;

  Coverage(ChangeMap map, int width, int height, @Nullable Mask mask) {
    this.map = map;
    this.across = Taps.of(map.width(), width);
    this.down = Taps.of(map.height(), height);
    this.mask = mask;
    boolean[] columns = new boolean[map.width()];
    boolean[] rows = new boolean[map.height()];
    for (int i = 0; i < map.changed().length; i++) {
      columns[i % map.width()] |= map.changed()[i];
      rows[i / map.width()] |= map.changed()[i];
    }
    int left = across.firstOver(columns);
    int top = down.firstOver(rows);
    this.box = new Box(left, top, across.endOver(columns) - left, down.endOver(rows) - top);
  }

  /** Nothing outside is the edit's. */
  Box box() {
    return box;
  }

  /** A reader of rows, for one thread. */
  Rows rows() {
    return new Rows();
  }

  /** One row at a time. */
  final class Rows {
    private final float[] narrow = new float[map.width()];
    private final float[] row = new float[box.width()];

    /**
     * The box's part of a row, valid until the next one is asked for.
     *
     * @return from 0, the source's alone, to 1, the edit's alone
     */
    float[] read(int y) {
      Arrays.fill(narrow, 0);
      for (int i = down.start(y); i < down.start(y + 1); i++) {
        float weight = down.weights[i];
        int from = down.samples[i] * narrow.length;
        for (int x = 0; x < narrow.length; x++) {
          narrow[x] += map.changed()[from + x] ? weight : 0;
        }
      }
      for (int x = 0; x < row.length; x++) {
        float sum = 0;
        int column = box.left() + x;
        for (int i = across.start(column); i < across.start(column + 1); i++) {
          sum += across.weights[i] * narrow[across.samples[i]];
        }
        if (mask != null && sum >= LEAST) {
          sum *= mask.level(column, y) / 255f;
        }
        row[x] = sum < LEAST ? 0 : Math.min(1, sum);
      }
      return row;
    }
  }

  /**
   * Linear interpolation's weights, those of all pixels one after another; over all that a pixel
   * covers where the size shrinks.
   */
  private static final class Taps {
    private final int[] starts;
    private final int[] samples;
    private final float[] weights;

    private Taps(int size, int most) {
      starts = new int[size + 1];
      samples = new int[most];
      weights = new float[most];
    }

    static Taps of(int from, int to) {
      double scale = (double) from / to;
      double support = Math.max(1, scale);
      Taps taps = new Taps(to, Math.multiplyExact(to, (int) Math.ceil(2 * support) + 1));
      for (int i = 0; i < to; i++) {
        taps.starts[i + 1] = taps.add(taps.starts[i], (i + 0.5) * scale, support, from);
      }
      return taps;
    }

    /** Those of one pixel, from a place on; returns their end. */
    private int add(int start, double centre, double support, int from) {
      int first = Math.max(0, (int) (centre - support + 0.5));
      int count = Math.max(1, Math.min(from, (int) (centre + support + 0.5)) - first);
      first = Math.min(first, from - count);
      double sum = 0;
      for (int j = 0; j < count; j++) {
        samples[start + j] = first + j;
        weights[start + j] = (float) Math.max(0, 1 - Math.abs(first + j + 0.5 - centre) / support);
        sum += weights[start + j];
      }
      for (int j = 0; j < count; j++) {
        weights[start + j] = sum == 0 ? 1f / count : (float) (weights[start + j] / sum);
      }
      return start + count;
    }

    int start(int i) {
      return starts[i];
    }

    /** The first pixel that a marked sample reaches; the size where there is none. */
    int firstOver(boolean[] marked) {
      int i = 0;
      while (i < starts.length - 1 && !reaches(i, marked)) {
        i++;
      }
      return i;
    }

    /** Behind the last such pixel. */
    int endOver(boolean[] marked) {
      int end = starts.length - 1;
      int first = firstOver(marked);
      while (end > first && !reaches(end - 1, marked)) {
        end--;
      }
      return end;
    }

    private boolean reaches(int i, boolean[] marked) {
      for (int j = starts[i]; j < starts[i + 1]; j++) {
        if (marked[samples[j]] && weights[j] > 0) {
          return true;
        }
      }
      return false;
    }
  }
}
