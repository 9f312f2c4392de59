package io.smartedit.editor.clip;

/**
 * Sizes of one CLIP tower.
 *
 * @param width channels of the hidden states
 * @param mlp channels inside the feed-forward
 * @param epsilon of every layer norm
 */
public record ClipConfig(int width, int mlp, int layers, int heads, double epsilon) {

  /** Vision tower of openai/clip-vit-large-patch14, {@code config.json}. */
  public static final ClipConfig VIT_L_14_VISION = new ClipConfig(1024, 4096, 24, 16, 1e-5);

  /** Text tower of openai/clip-vit-large-patch14, which Stable Diffusion 1.5 uses. */
  public static final ClipConfig VIT_L_14_TEXT = new ClipConfig(768, 3072, 12, 12, 1e-5);
}
