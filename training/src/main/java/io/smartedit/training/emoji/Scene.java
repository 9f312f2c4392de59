package io.smartedit.training.emoji;

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
    float[] rgb = new float[SIDE * SIDE * 3];
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        for (int c = 0; c < 3; c++) {
          rgb[(y * SIDE + x) * 3 + c] = backdrop.at(x, y, c);
        }
      }
    }
    things.forEach(thing -> drawOver(thing, rgb));
    byte[] bytes = new byte[rgb.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) Math.round(Math.min(1, Math.max(0, rgb[i])) * 255);
    }
    return new Image(SIDE, SIDE, bytes);
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

  private static void drawOver(Thing thing, float[] rgb) {
    int size = thing.size();
    float[] sprite = ARTIST.draw(thing.sprite(), thing.hue(), size);
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        int from = (y * size + column(thing, x)) * 4;
        int to = ((thing.y() + y) * SIDE + thing.x() + x) * 3;
        for (int c = 0; c < 3; c++) {
          rgb[to + c] = sprite[from + c] + (1 - sprite[from + 3]) * rgb[to + c];
        }
      }
    }
  }

  private static int column(Thing thing, int x) {
    return thing.mirrored() ? thing.size() - 1 - x : x;
  }
}
