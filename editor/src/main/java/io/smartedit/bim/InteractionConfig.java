package io.smartedit.bim;

/**
 * Sizes of the interaction module.
 *
 * @param conditionWidth channels of the text condition
 * @param width channels of the picture's features, and of everything inside
 * @param unetChannels channels of the UNet's first convolution
 */
public record InteractionConfig(
    int conditionWidth, int width, int mlp, int blocks, int heads, int unetChannels) {

  static final double EPSILON = 1e-5;
}
