package io.smartedit.editor;

import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.FullImage;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.Metadata;
import io.smartedit.editor.options.EditOptions;

/**
 * A request reduced to what the model reads of it, so that a large photograph need not be kept
 * until its turn comes.
 *
 * @param working the source at working size, which is denoised
 * @param view the source as the vision encoder sees it
 * @param width of the source
 * @param height of the source
 * @param metadata of the source, at most 3 MiB; none where the result takes it from the source
 */
public record PreparedRequest(
    Image working,
    Image view,
    String instruction,
    EditOptions options,
    int width,
    int height,
    Metadata metadata) {

  private static final int CHANNELS = 3;

  /**
   * A request of which the model reads two images.
   *
   * @param working of working size
   * @param view for the vision encoder
   */
  public static PreparedRequest of(EditRequest request, Image working, Image view) {
    EditOptions options = request.options();
    FullImage source = request.source();
    Metadata metadata = options.composite() ? Metadata.NONE : source.metadata();
    return new PreparedRequest(
        working, view, request.instruction(), options, source.width(), source.height(), metadata);
  }

  /** A decoded image of working size at the size that was asked for, with the source's metadata. */
  public FullImage restored(Image decoded) {
    Image image = options.restore() ? Bicubic.resize(decoded, width, height) : decoded;
    return FullImage.of(image, metadata);
  }

  /**
   * What edits have in common that can share a denoising call, as {@code 512x512 toon=0.8}: their
   * steps, samplers and guidance may differ.
   */
  public String kind() {
    return (working.width() + "x" + working.height() + " " + options.adapters()).strip();
  }

  /** The same with other noise. */
  public PreparedRequest withSeed(long seed) {
    return new PreparedRequest(
        working, view, instruction, options.withSeed(seed), width, height, metadata);
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
