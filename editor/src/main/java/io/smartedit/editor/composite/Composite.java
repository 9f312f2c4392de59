package io.smartedit.editor.composite;

import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.Image;
import org.jspecify.annotations.Nullable;

/**
 * A source with what an edit changed laid into it.
 *
 * <p>Beside the source and the result it takes memory for the edit stretched to the source's width,
 * and two rows. Stateless.
 */
public record Composite(Image image, Change change) {

  /**
   * Lays an edit into a copy of its source.
   *
   * @param edited at working size
   * @param roundTrip the source at working size through the autoencoder alone
   * @param allowed where anything may change; null for everywhere
   * @throws io.smartedit.editor.options.BadRequestException if {@code allowed} does not fit the
   *     source
   */
  public static Composite of(Image source, Image edited, Image roundTrip, @Nullable Mask allowed) {
    Image copy = new Image(source.width(), source.height(), source.rgb().clone());
    return over(copy, edited, roundTrip, allowed);
  }

  /** The same in the source's own memory, which becomes the result's. */
  public static Composite over(
      Image source, Image edited, Image roundTrip, @Nullable Mask allowed) {
    int width = source.width();
    int height = source.height();
    if (allowed != null) {
      allowed.requireFits(width, height);
    }
    ChangeMap map = ChangeMap.between(edited, roundTrip);
    Coverage coverage = new Coverage(map, width, height, allowed);
    Bicubic.Rows stretched = Bicubic.rows(edited, width, height);
    Extent extent = new Extent();
    float[] share = new float[width];
    byte[] row = new byte[3 * width];
    for (int y = 0; y < height; y++) {
      if (coverage.read(y, share)) {
        stretched.read(y, row);
        lay(row, share, source.rgb(), y * width, extent);
      }
    }
    double changed = extent.pixels / ((double) width * height);
    return new Composite(source, new Change(map, allowed, width, height, extent.box(), changed));
  }

  private static void lay(byte[] row, float[] share, byte[] rgb, int from, Extent extent) {
    for (int x = 0; x < share.length; x++) {
      if (share[x] == 0) {
        continue;
      }
      extent.add(x, from / share.length);
      for (int c = 0; c < 3; c++) {
        int own = rgb[3 * (from + x) + c] & 0xFF;
        int edits = row[3 * x + c] & 0xFF;
        rgb[3 * (from + x) + c] = (byte) Math.round(own + share[x] * (edits - own));
      }
    }
  }

  /** Pixels seen, and the box around them. */
  private static final class Extent {
    private long pixels;
    private int left = Integer.MAX_VALUE;
    private int top = Integer.MAX_VALUE;
    private int right;
    private int bottom;

    void add(int x, int y) {
      pixels++;
      left = Math.min(left, x);
      top = Math.min(top, y);
      right = Math.max(right, x + 1);
      bottom = Math.max(bottom, y + 1);
    }

    Box box() {
      return pixels == 0 ? new Box(0, 0, 0, 0) : new Box(left, top, right - left, bottom - top);
    }
  }
}
