package io.smartedit.editor.pipeline;

/**
 * The working size of an edit.
 *
 * @param width and {@code height} in pixels
 * @param factor pixels a latent cell covers along a side
 */
public record WorkingSize(int width, int height, int factor) {

  public int latentWidth() {
    return width / factor;
  }

  public int latentHeight() {
    return height / factor;
  }
}
