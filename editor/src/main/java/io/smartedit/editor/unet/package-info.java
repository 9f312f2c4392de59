/**
 * Stable Diffusion's denoising UNet: {@code B} samples, {@code C} channels, {@code H x W} latents.
 */
@NullMarked
package io.smartedit.editor.unet;

import org.jspecify.annotations.NullMarked;
