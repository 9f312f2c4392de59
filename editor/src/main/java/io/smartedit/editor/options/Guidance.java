package io.smartedit.editor.options;

import java.util.ArrayList;
import java.util.List;

/**
 * Three-way classifier-free guidance (InstructPix2Pix, equation 3), in all steps or in some.
 *
 * @param text weight of the instruction, the paper's g_t
 * @param image weight of the source image, the paper's g_i
 * @param from share of the steps after which guidance begins, 0 to 1
 * @param until share of the steps after which it ends; outside, the edit follows instruction and
 *     image alone, at a third of the cost
 */
public record Guidance(double text, double image, double from, double until) {

  /** 7.5 and 1.5, in all steps. */
  public static final Guidance DEFAULT = new Guidance(7.5, 1.5);

  /** What a row of a UNet call is shown. */
  public enum Shown {
    INSTRUCTION_AND_IMAGE,
    IMAGE,
    NOTHING
  }

  /** A row and what its prediction counts. */
  public record Row(Shown shown, double weight) {}

  private static final List<Row> PLAIN = List.of(new Row(Shown.INSTRUCTION_AND_IMAGE, 1));

  public Guidance {
    weight("guidance", text);
    weight("image guidance", image);
    share("guidance from", from);
    share("guidance until", until);
  }

  /** In all steps. */
  public Guidance(double text, double image) {
    this(text, image, 0, 1);
  }

  /**
   * The rows of a step: {@code u + g_t (a - b) + g_i (b - u)}, of instruction and image {@code a},
   * image alone {@code b} and nothing {@code u}. What counts nothing is left out, so that an image
   * weight of 1, or equal to the instruction's, takes two rows.
   */
  public List<Row> rows(int step, int steps) {
    if (step < from * steps || step >= until * steps) {
      return PLAIN;
    }
    List<Row> rows = new ArrayList<>();
    rows.add(new Row(Shown.INSTRUCTION_AND_IMAGE, text));
    if (image != text) {
      rows.add(new Row(Shown.IMAGE, image - text));
    }
    if (image != 1) {
      rows.add(new Row(Shown.NOTHING, 1 - image));
    }
    return rows;
  }

  private static void weight(String name, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new BadRequestException(name + " is " + value + ", must be a number of at least 0");
    }
  }

  private static void share(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new BadRequestException(name + " is " + value + ", must be from 0 to 1");
    }
  }
}
