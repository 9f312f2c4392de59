package io.smartedit.editor;

import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.options.EditOptions;

/**
 * A request reduced to what the model reads of it, so that a large photograph need not be kept
 * until its turn comes.
 *
 * @param working the source at working size, which is denoised
 * @param view the source as the vision encoder sees it
 * @param width of the source
 * @param height of the source
 */
public record PreparedRequest(
    Image working, Image view, String instruction, EditOptions options, int width, int height) {

  private static final int CHANNELS = 3;

  /** A decoded image of working size at the size that was asked for. */
  public Image restored(Image decoded) {
    return options.restore() ? Bicubic.resize(decoded, width, height) : decoded;
  }

  /** The same with other noise. */
  public PreparedRequest withSeed(long seed) {
    return new PreparedRequest(working, view, instruction, options.withSeed(seed), width, height);
  }

  /** What a decoded image takes in memory. */
  public long workingBytes() {
    return (long) CHANNELS * working.width() * working.height();
  }

  /** What the result takes in memory. */
  public long finalBytes() {
    return options.restore() || options.composite()
        ? (long) CHANNELS * width * height
        : workingBytes();
  }
}
