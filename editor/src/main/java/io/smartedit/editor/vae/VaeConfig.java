package io.smartedit.editor.vae;

import java.util.List;

/**
 * Sizes of an autoencoder, in the terms of diffusers' {@code vae/config.json}.
 *
 * @param channels of each stage, outermost first; every stage but the last halves the size
 * @param layers resnets in an encoder stage; a decoder stage has one more
 * @param scale latents are multiplied by this before diffusion
 */
public record VaeConfig(
    int latentChannels, List<Integer> channels, int layers, int groups, double scale) {

  /** Stable Diffusion 1.5. */
  public static final VaeConfig STABLE_DIFFUSION =
      new VaeConfig(4, List.of(128, 256, 512, 512), 2, 32, 0.18215);

  static final double EPSILON = 1e-6;

  public VaeConfig {
    channels = List.copyOf(channels);
  }

  /** Pixels a latent cell covers along a side. */
  public int factor() {
    return 1 << (channels.size() - 1);
  }
}
