package io.smartedit.editor.composite;

import io.smartedit.editor.image.Image;
import org.jspecify.annotations.Nullable;

/** What an edit changed of its source. Immutable; from any thread. */
public final class Change {

  private final ChangeMap map;
  private final @Nullable Mask allowed;
  private final int width;
  private final int height;
  private final Box box;
  private final double share;

  Change(ChangeMap map, @Nullable Mask allowed, int width, int height, Box box, double share) {
    this.map = map;
    this.allowed = allowed;
    this.width = width;
    this.height = height;
    this.box = box;
    this.share = share;
  }

  /** The smallest box around all changed pixels; without pixels where nothing changed. */
  public Box box() {
    return box;
  }

  /** Changed pixels, of 1. */
  public double share() {
    return share;
  }

  /** Whether the edit was of the image as a whole, so that no pixel is the source's own. */
  public boolean isWhole() {
    return map.isWhole() && allowed == null;
  }

  /** Of the source's size: black where its own pixels stand, white where the edit's do. */
  public Image mask() {
    byte[] rgb = new byte[Math.multiplyExact(3, width * height)];
    Coverage coverage = new Coverage(map, width, height, allowed);
    Coverage.Rows rows = coverage.rows();
    Box around = coverage.box();
    for (int y = around.top(); y < around.top() + around.height(); y++) {
      float[] share = rows.read(y);
      for (int x = 0; x < share.length; x++) {
        // Never black where anything is the edit's.
        int level = share[x] == 0 ? 0 : Math.max(1, Math.round(255 * share[x]));
        int at = 3 * (y * width + around.left() + x);
        rgb[at] = (byte) level;
        rgb[at + 1] = (byte) level;
        rgb[at + 2] = (byte) level;
      }
    }
    return new Image(width, height, rgb);
  }

  @Override
  public String toString() {
    return "Change[" + box + ", " + share + " of " + width + "x" + height + "]";
  }
}
