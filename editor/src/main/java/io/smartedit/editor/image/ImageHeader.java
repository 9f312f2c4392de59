package io.smartedit.editor.image;

import io.smartedit.editor.options.BadRequestException;

/**
 * What an encoded file says of its image before any pixel is decoded.
 *
 * @param format as people write it
 * @param width and {@code height} upright, in pixels
 * @param decodingBytes memory that decoding takes at most, the image it gives and its view included
 */
public record ImageHeader(String format, int width, int height, long decodingBytes) {

  private static final int CHANNELS = 3;

  /**
   * Reads the header.
   *
   * @throws BadRequestException if the bytes are not an image of a known format, are cut off, hold
   *     several frames, or exceed a limit
   */
  public static ImageHeader read(byte[] bytes, ImageLimits limits) {
    Container container = Container.of(bytes, limits);
    boolean turned = container.orientation() >= 5;
    long pixels = (long) container.width() * container.height();
    long images = container.orientation() == 1 ? 1 : 2;
    long view = container.isPlain() ? 0 : CHANNELS;
    return new ImageHeader(
        container.format().label(),
        turned ? container.height() : container.width(),
        turned ? container.width() : container.height(),
        pixels * (container.fullBytes() * images + container.sampleBytes() + view) + bytes.length);
  }
}
