package io.smartedit.editor;

import io.smartedit.editor.composite.Mask;
import io.smartedit.editor.image.FullImage;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.editor.options.EditOptions;
import org.jspecify.annotations.Nullable;

/**
 * An image, what to do to it, and how.
 *
 * @param mask where it may change at all; null for everywhere
 */
public record EditRequest(
    FullImage source, String instruction, EditOptions options, @Nullable Mask mask) {

  public EditRequest {
    if (mask != null) {
      if (!options.composite()) {
        throw new BadRequestException("a mask or region holds for composites; composite is off");
      }
      mask.requireFits(source.width(), source.height());
    }
  }

  /** Of a source that is sRGB; may change everywhere. */
  public EditRequest(Image source, String instruction, EditOptions options) {
    this(FullImage.of(source), instruction, options, null);
  }
}
