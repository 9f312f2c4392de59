package io.smartedit.training.emoji;

/**
 * An object in a scene.
 *
 * @param x left edge of its square, in pixels
 * @param y upper edge
 * @param size side of the square
 * @param mirrored whether it is seen in the mirror, left and right swapped
 */
public record Thing(Sprite sprite, Hue hue, int x, int y, int size, boolean mirrored) {

  Thing as(Sprite other, Hue otherHue) {
    return new Thing(other, otherHue, x, y, size, mirrored);
  }

  boolean touches(Thing other) {
    return x < other.x + other.size + 1
        && other.x < x + size + 1
        && y < other.y + other.size + 1
        && other.y < y + size + 1;
  }
}
