package io.smartedit.editor.unet;

import java.util.List;

/**
 * Sizes of a UNet, in the terms of diffusers' {@code unet/config.json}.
 *
 * @param channels of each stage, outermost first
 * @param attends whether the stage of the same index has transformers
 * @param layers resnets in a down stage; an up stage has one more
 * @param heads attention heads everywhere (diffusers calls it {@code attention_head_dim})
 * @param contextWidth channels of the text condition
 * @param groups of every group norm
 */
public record UNetConfig(
    int inChannels,
    int outChannels,
    List<Integer> channels,
    List<Boolean> attends,
    int layers,
    int heads,
    int contextWidth,
    int groups) {

  /** Stable Diffusion 1.5 with InstructPix2Pix's 8 input channels. */
  public static final UNetConfig INSTRUCT_PIX2PIX =
      new UNetConfig(
          8, 4, List.of(320, 640, 1280, 1280), List.of(true, true, true, false), 2, 8, 768, 32);

  /** Of the resnets' group norms. */
  static final double NORM_EPSILON = 1e-5;

  /** Of the transformers' group norms. */
  static final double TRANSFORMER_EPSILON = 1e-6;

  public UNetConfig {
    channels = List.copyOf(channels);
    attends = List.copyOf(attends);
    if (channels.size() != attends.size()) {
      throw new IllegalArgumentException(
          "UNet has " + channels.size() + " widths but " + attends.size() + " block types");
    }
  }

  /** Channels of the time embedding. */
  int timeWidth() {
    return 4 * channels.get(0);
  }
}
