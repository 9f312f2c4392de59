/** Stable Diffusion's autoencoder between images and latents. */
@NullMarked
package io.smartedit.editor.vae;

import org.jspecify.annotations.NullMarked;
