package io.smartedit.editor.bim;

/**
 * Sizes of the interaction module.
 *
 * @param conditionWidth channels of the text condition
 * @param width channels of the image's features, and of everything inside
 * @param unetChannels channels of the UNet's first convolution
 */
public record InteractionConfig(
    int conditionWidth, int width, int mlp, int blocks, int heads, int unetChannels) {

  /** SmartEdit, both sizes. */
  public static final InteractionConfig SMARTEDIT =
      new InteractionConfig(768, 1024, 2048, 2, 8, 320);

  static final double EPSILON = 1e-5;
}
