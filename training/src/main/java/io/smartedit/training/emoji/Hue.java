package io.smartedit.training.emoji;

import java.util.List;
import java.util.Locale;

/** A colour an object can be given; {@link #NATURAL} is the sprite's own. */
public enum Hue {
  NATURAL(0),
  RED(0),
  YELLOW(48),
  GREEN(125),
  BLUE(215),
  PURPLE(285);

  /** All but {@link #NATURAL}. */
  static final List<Hue> COLOURS = List.of(RED, YELLOW, GREEN, BLUE, PURPLE);

  private final int degrees;

  Hue(int degrees) {
    this.degrees = degrees;
  }

  /** On the colour wheel, red at 0. */
  int degrees() {
    return degrees;
  }

  /** Lower-case name, as in instructions. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
