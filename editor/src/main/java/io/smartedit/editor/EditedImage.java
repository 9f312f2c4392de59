package io.smartedit.editor;

import io.smartedit.editor.composite.Change;
import io.smartedit.editor.image.FullImage;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.options.EditOptions;
import org.jspecify.annotations.Nullable;

/**
 * A finished edit.
 *
 * @param full the source with the change laid into it, or, where the options say so, the model's
 *     own at working size or brought to the source's
 * @param changed where it was laid into the source; null where it was not
 */
public record EditedImage(FullImage full, EditOptions options, @Nullable Change changed) {

  /** As people see it. */
  public Image image() {
    return full.view();
  }

  /** Whether every pixel is the model's, and none the source's own. */
  public boolean isWhole() {
    return changed == null || changed.isWhole();
  }
}
