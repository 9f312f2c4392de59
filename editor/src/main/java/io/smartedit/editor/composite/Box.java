package io.smartedit.editor.composite;

import io.smartedit.editor.options.BadRequestException;

/** A rectangle of pixels, from its left upper corner. */
public record Box(int left, int top, int width, int height) {

  public Box {
    if (left < 0 || top < 0 || width < 0 || height < 0) {
      throw new BadRequestException(
          "region " + left + "," + top + " " + width + "x" + height + " has a negative side");
    }
  }

  /** Whether a pixel lies in it. */
  public boolean contains(int x, int y) {
    return x >= left && y >= top && x - left < width && y - top < height;
  }
}
