package io.smartedit.editor.composite;

import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.FullImage;
import io.smartedit.editor.image.Image;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A source with what an edit changed laid into it.
 *
 * <p>Beside the source and the result it takes memory for the edit stretched to the source's width,
 * and two rows a processor. Bands of rows are laid side by side, on the common pool. Stateless.
 */
public record Composite(FullImage full, Change change) {

  /** Rows that are laid by one thread at a time. */
  private static final int BAND = 64;

  /**
   * Lays an edit into a copy of its source.
   *
   * @param edited at working size
   * @param roundTrip the source at working size through the autoencoder alone
   * @param allowed where anything may change; null for everywhere
   * @throws io.smartedit.editor.options.BadRequestException if {@code allowed} does not fit the
   *     source
   */
  public static Composite of(
      FullImage source, Image edited, Image roundTrip, @Nullable Mask allowed) {
    return over(source.copy(), edited, roundTrip, allowed);
  }

  /** The same of what is sRGB. */
  public static Composite of(Image source, Image edited, Image roundTrip, @Nullable Mask allowed) {
    return of(FullImage.of(source), edited, roundTrip, allowed);
  }

  /** As the model and people see it. */
  public Image image() {
    return full.view();
  }

  /** The same in the source's own memory, which becomes the result's. */
  public static Composite over(
      FullImage source, Image edited, Image roundTrip, @Nullable Mask allowed) {
    int width = source.width();
    int height = source.height();
    if (allowed != null) {
      allowed.requireFits(width, height);
    }
    ChangeMap map = ChangeMap.between(edited, roundTrip);
    Coverage coverage = new Coverage(map, width, height, allowed);
    Bicubic.Rows stretched = Bicubic.rows(edited, width, height);
    Box box = coverage.box();
    Extent extent =
        IntStream.range(0, (box.height() + BAND - 1) / BAND)
            .parallel()
            .mapToObj(i -> box.top() + i * BAND)
            .map(top -> lay(coverage, stretched, source, top))
            .reduce(Extent.NOTHING, Extent::with);
    double changed = extent.pixels / ((double) width * height);
    return new Composite(source, new Change(map, allowed, width, height, extent.box(), changed));
  }

  /** Some rows from one on. */
  private static Extent lay(Coverage coverage, Bicubic.Rows stretched, FullImage source, int top) {
    Box box = coverage.box();
    Coverage.Rows shares = coverage.rows();
    byte[] row = new byte[3 * box.width()];
    FullImage.Brush brush = source.brush();
    Extent extent = Extent.NOTHING;
    for (int y = top; y < Math.min(top + BAND, box.top() + box.height()); y++) {
      float[] share = shares.read(y);
      int first = 0;
      int end = share.length;
      while (first < end && share[first] == 0) {
        first++;
      }
      while (end > first && share[end - 1] == 0) {
        end--;
      }
      if (first < end) {
        stretched.read(y, box.left() + first, box.left() + end, row);
        int pixels = brush.lay(y, box.left() + first, row, share, first, end);
        extent = extent.with(Extent.ofRow(pixels, box.left() + first, box.left() + end, y));
      }
    }
    return extent;
  }

  /** Pixels changed, and where they begin and end. */
  private record Extent(long pixels, int left, int top, int right, int bottom) {
    private static final Extent NOTHING = new Extent(0, Integer.MAX_VALUE, Integer.MAX_VALUE, 0, 0);

    static Extent ofRow(long pixels, int left, int right, int y) {
      return new Extent(pixels, left, y, right, y + 1);
    }

    Extent with(Extent other) {
      return new Extent(
          pixels + other.pixels,
          Math.min(left, other.left),
          Math.min(top, other.top),
          Math.max(right, other.right),
          Math.max(bottom, other.bottom));
    }

    Box box() {
      return pixels == 0 ? new Box(0, 0, 0, 0) : new Box(left, top, right - left, bottom - top);
    }
  }
}
