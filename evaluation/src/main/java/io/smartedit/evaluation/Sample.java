package io.smartedit.evaluation;

import io.smartedit.image.Picture;
import java.util.Optional;

/**
 * An edit to be judged.
 *
 * @param group the class it is counted in
 * @param name within its group
 * @param mask by the pixel, row by row: true where the picture is meant to change
 * @param target what it is meant to become, where that is known
 * @param description of the edited object, for CLIP's score
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Sample(
    String group,
    String name,
    String instruction,
    Picture source,
    boolean[] mask,
    Optional<Picture> target,
    Optional<String> description) {

  public Sample {
    if (mask.length != source.width() * source.height()) {
      throw new IllegalArgumentException(
          group + "/" + name + ": a mask of " + mask.length + " pixels for " + source);
    }
  }

  @Override
  public String toString() {
    return group + "/" + name;
  }
}
