package io.smartedit.training.emoji;

import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.Image;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/**
 * Objects before a backdrop.
 *
 * @param things none touching another
 */
public record Scene(Backdrop backdrop, List<Thing> things) {

  /** Side of a scene's image, in pixels. */
  public static final int SIDE = 64;

  private static final Artist ARTIST = new Artist();

  /** Background of {@link #owners}. */
  public static final int NOBODY = -1;

  public Scene {
    things = List.copyOf(things);
  }

  /** The scene with some things replaced by others, or by nothing. */
  Scene with(IntPredicate changed, UnaryOperator<Thing> change, boolean keep) {
    List<Thing> others = new ArrayList<>();
    for (int i = 0; i < things.size(); i++) {
      if (!changed.test(i)) {
        others.add(things.get(i));
      } else if (keep) {
        others.add(change.apply(things.get(i)));
      }
    }
    return new Scene(backdrop, others);
  }

  /** The image, {@link #SIDE} pixels square. */
  public Image draw() {
    return draw(1);
  }

  /**
   * The image, so many pixels square: drawn at the largest multiple of {@link #SIDE} within, and
   * resized where that is not the side.
   */
  public Image drawn(int side) {
    Image image = draw(Math.max(1, side / SIDE));
    return image.width() == side ? image : Bicubic.resize(image, side, side);
  }

  /** The image, so many times larger; sprites keep their own resolution. */
  public Image draw(int scale) {
    int side = SIDE * scale;
    byte[] bytes = new byte[Math.multiplyExact(side * side, 3)];
    List<float[]> sprites =
        things.stream()
            .map(thing -> ARTIST.draw(thing.sprite(), thing.hue(), thing.size() * scale))
            .toList();
    float[] row = new float[side * 3];
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        backdrop.colour((float) x / scale, (float) y / scale, row, 3 * x);
      }
      for (int i = 0; i < sprites.size(); i++) {
        drawOver(things.get(i), scale, sprites.get(i), y, row);
      }
      for (int i = 0; i < row.length; i++) {
        bytes[y * row.length + i] = (byte) Math.round(Math.min(1, Math.max(0, row[i])) * 255);
      }
    }
    return new Image(side, side, bytes);
  }

  /** Index of the thing that covers most of each cell of a grid, row by row, or {@link #NOBODY}. */
  public int[] owners(int cell) {
    int side = SIDE / cell;
    double[] most = new double[side * side];
    Arrays.fill(most, cell * cell / 8.0);
    int[] owners = new int[side * side];
    Arrays.fill(owners, NOBODY);
    for (int i = 0; i < things.size(); i++) {
      double[] cover = cover(things.get(i), cell);
      for (int j = 0; j < cover.length; j++) {
        if (cover[j] > most[j]) {
          most[j] = cover[j];
          owners[j] = i;
        }
      }
    }
    return owners;
  }

  private static double[] cover(Thing thing, int cell) {
    int side = SIDE / cell;
    double[] cover = new double[side * side];
    float[] sprite = ARTIST.draw(thing.sprite(), thing.hue(), thing.size());
    for (int y = 0; y < thing.size(); y++) {
      for (int x = 0; x < thing.size(); x++) {
        cover[(thing.y() + y) / cell * side + (thing.x() + x) / cell] +=
            sprite[(y * thing.size() + column(thing, x)) * 4 + 3];
      }
    }
    return cover;
  }

  /** A row of the image, where the thing reaches it. */
  private static void drawOver(Thing thing, int scale, float[] sprite, int y, float[] row) {
    int size = thing.size() * scale;
    int own = y - thing.y() * scale;
    for (int x = 0; own >= 0 && own < size && x < size; x++) {
      int from = (own * size + (thing.mirrored() ? size - 1 - x : x)) * 4;
      int to = (thing.x() * scale + x) * 3;
      for (int c = 0; c < 3; c++) {
        row[to + c] = sprite[from + c] + (1 - sprite[from + 3]) * row[to + c];
      }
    }
  }

  private static int column(Thing thing, int x) {
    return thing.mirrored() ? thing.size() - 1 - x : x;
  }
}
