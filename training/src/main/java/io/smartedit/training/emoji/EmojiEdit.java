package io.smartedit.training.emoji;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One edit of a scene, with everything that is known about it.
 *
 * @param targets indices of the things it changes, in {@code source}
 * @param insteadOf what stands in their place afterwards: none where they are removed
 * @param seen whether training may show this combination of class, object and change, and this
 *     phrasing
 */
public record EmojiEdit(
    Kind kind,
    Change change,
    Scene source,
    Scene target,
    List<Integer> targets,
    Optional<Thing> insteadOf,
    String instruction,
    boolean seen) {

  /** By what the object is found; the classes of Reason-Edit, and by name. */
  public enum Kind {
    NAME,
    LEFT_RIGHT,
    SIZE,
    COLOUR,
    MIRROR,
    SEVERAL,
    REASONING;

    /** Lower-case name. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What happens to the object. */
  public enum Change {
    REMOVE,
    REPLACE,
    RECOLOUR;

    /** Lower-case name. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Which edits are wanted. */
  public enum Split {
    /** What training sees. */
    TRAIN,
    /** Combinations of class, object and change that training never sees. */
    HELD_OUT,
    /** Clues put in a form that training never sees for their object; of class REASONING only. */
    HELD_OUT_PHRASING
  }

  /** What scenes stand before. */
  public enum Backgrounds {
    /** Two colours in a simple arrangement. */
    PLAIN,
    /** Three times in four a texture: plaster, wood, fabric, brick and the like. */
    TEXTURED;

    /** Lower-case name. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
