/**
 * CLIP's vision and text encoders (Radford et al., 2021): {@code B} images or prompts, {@code T}
 * tokens, {@code C} width.
 */
@NullMarked
package io.smartedit.editor.clip;

import org.jspecify.annotations.NullMarked;
