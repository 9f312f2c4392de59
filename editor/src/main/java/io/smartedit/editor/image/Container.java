package io.smartedit.editor.image;

import io.smartedit.editor.options.BadRequestException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Collections;
import java.util.List;

/**
 * An image file taken apart without decoding a pixel: what it says of itself, and those of its
 * parts that decoding needs.
 *
 * <p>Decoders are given nothing else: no metadata that inflates, no thumbnail, no profile, nothing
 * that a camera appended. Every parser throws {@link BadRequestException} for what is damaged, cut
 * off, animated, or of a kind that is not decoded here.
 *
 * @param format by its first bytes
 * @param width as stored, before it is turned upright
 * @param sampleBytes that a pixel takes where it is decoded to
 * @param fullBytes that a pixel takes in the {@link FullImage}
 * @param orientation of EXIF, 1 to 8
 * @param colours what the samples mean
 * @param metadata that goes into the result
 * @param parts for the decoder, in order
 */
record Container(
    FileFormat format,
    int width,
    int height,
    int sampleBytes,
    int fullBytes,
    int orientation,
    Colours colours,
    Metadata metadata,
    List<Part> parts) {

  /**
   * Bytes of a file.
   *
   * @param bytes of the file, or new ones
   */
  @SuppressWarnings("ArrayRecordComponent") // a view, never compared
  record Part(byte[] bytes, int from, int length) {
    static Part of(byte[] bytes) {
      return new Part(bytes, 0, bytes.length);
    }
  }

  Container {
    parts = List.copyOf(parts);
  }

  /** Takes a file apart and holds what it says to the limits. */
  static Container of(byte[] bytes, ImageLimits limits) {
    if (bytes.length > limits.maxBytes()) {
      throw new BadRequestException(
          "image has " + bytes.length + " bytes, more than " + limits.maxBytes());
    }
    Container container = parsed(bytes);
    container.require(limits);
    return container;
  }

  private static Container parsed(byte[] bytes) {
    return switch (FileFormat.of(bytes)) {
      case PNG -> PngFile.parse(bytes);
      case JPEG -> JpegFile.parse(bytes);
      case WEBP -> WebpFile.parse(bytes);
      case GIF -> GifFile.parse(bytes);
      case BMP -> BmpFile.parse(bytes);
      case TIFF -> TiffFile.parse(bytes);
    };
  }

  /** Whether its view shares the samples of the whole. */
  boolean isPlain() {
    return fullBytes == 3 && colours.profile() == null && colours.space() == null;
  }

  /** What the decoder is to read. */
  InputStream essence() {
    return new SequenceInputStream(
        Collections.enumeration(
            parts.stream()
                .map(part -> new ByteArrayInputStream(part.bytes, part.from, part.length))
                .toList()));
  }

  private void require(ImageLimits limits) {
    String size = "image " + width + "x" + height;
    if (width < 1 || height < 1) {
      throw new BadRequestException(size + " has no pixels");
    }
    if (width > limits.maxSide() || height > limits.maxSide()) {
      throw new BadRequestException(size + " exceeds " + limits.maxSide() + " on a side");
    }
    if ((long) width * height > limits.maxPixels()) {
      throw new BadRequestException(size + " exceeds " + limits.maxPixels() + " pixels");
    }
  }

  /** What ends before it should. */
  static BadRequestException cutOff(FileFormat format) {
    return new BadRequestException("image is cut off: its " + format.label() + " data has no end");
  }

  static BadRequestException damaged(FileFormat format, String what) {
    return new BadRequestException("image is damaged: its " + format.label() + " data " + what);
  }
}
