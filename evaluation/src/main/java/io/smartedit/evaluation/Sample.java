package io.smartedit.evaluation;

import io.smartedit.editor.image.Image;
import java.util.List;
import java.util.Optional;

/**
 * An edit to be judged.
 *
 * @param group the class it is counted in
 * @param name within its group
 * @param instructions one after the other, each on the result of the one before; the last result is
 *     judged
 * @param mask by the pixel, row by row: true where the image is meant to change; without one the
 *     whole image is judged
 * @param target what it is meant to become, where that is known; of the source's size where there
 *     is a mask
 * @param description for CLIP's score: of the edited object where there is a mask, else of the
 *     target
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Sample(
    String group,
    String name,
    List<String> instructions,
    Image source,
    Optional<boolean[]> mask,
    Optional<Image> target,
    Optional<String> description) {

  public Sample {
    instructions = List.copyOf(instructions);
    int pixels = source.width() * source.height();
    if (instructions.isEmpty() || mask.map(cells -> cells.length != pixels).orElse(false)) {
      throw new IllegalArgumentException(
          group + "/" + name + ": no instruction, or a mask that is not of " + pixels + " pixels");
    }
  }

  /** All of them, for people. */
  public String instruction() {
    return String.join("; then: ", instructions);
  }

  @Override
  public String toString() {
    return group + "/" + name;
  }
}
