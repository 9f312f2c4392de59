package io.smartedit.editor.scheduler;

import java.util.Locale;

/**
 * What a UNet's output means; {@code prediction_type} of a scheduler's configuration.
 *
 * <p>{@code EPSILON} is Stable Diffusion's and SmartEdit's. {@code SOURCE_OFFSET} is ours, for
 * small models: the clean latents less the source's, so that a net which says nothing keeps the
 * image and learns edits only.
 */
public enum Prediction {
  /** The noise in the latents. */
  EPSILON,
  /** The clean latents less the source image's, both scaled. */
  SOURCE_OFFSET;

  /** Lower-case name, as in the file. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
