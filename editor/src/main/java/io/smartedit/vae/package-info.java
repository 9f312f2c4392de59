/** Stable Diffusion's autoencoder between pictures and latents. */
@NullMarked
package io.smartedit.vae;

import org.jspecify.annotations.NullMarked;
