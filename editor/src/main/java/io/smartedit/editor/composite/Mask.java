package io.smartedit.editor.composite;

import io.smartedit.editor.image.Image;
import io.smartedit.editor.options.BadRequestException;

/** Where a source may change at all, by its upright pixels. */
public sealed interface Mask {

  /** From 0, where nothing may change, to 255. */
  int level(int x, int y);

  /**
   * Refuses to lie on a source that it does not fit.
   *
   * @throws BadRequestException naming both sizes
   */
  void requireFits(int width, int height);

  /** Inside a box alone. */
  record Region(Box box) implements Mask {
    @Override
    public int level(int x, int y) {
      return box.contains(x, y) ? 255 : 0;
    }

    @Override
    public void requireFits(int width, int height) {
      if (box.width() < 1 || box.height() < 1) {
        throw new BadRequestException("region has no pixels");
      }
      if ((long) box.left() + box.width() > width || (long) box.top() + box.height() > height) {
        throw new BadRequestException(
            "region "
                + box.left()
                + ","
                + box.top()
                + " "
                + box.width()
                + "x"
                + box.height()
                + " exceeds the source of "
                + width
                + "x"
                + height);
      }
    }
  }

  /** Where an image of the source's size is not black; where it is grey, in part. */
  record Levels(Image image) implements Mask {
    @Override
    public int level(int x, int y) {
      return Math.max(
          image.sample(x, y, 0), Math.max(image.sample(x, y, 1), image.sample(x, y, 2)));
    }

    @Override
    public void requireFits(int width, int height) {
      if (image.width() != width || image.height() != height) {
        throw new BadRequestException(
            "mask is "
                + image.width()
                + "x"
                + image.height()
                + ", must have the source's size "
                + width
                + "x"
                + height);
      }
    }
  }
}
