package io.smartedit.editor.image;

import io.smartedit.editor.options.BadRequestException;
import org.jspecify.annotations.Nullable;

/**
 * How an image is written to a file.
 *
 * @param quality of JPEG and WebP, 1 to 100; null for {@value #JPEG_QUALITY} in JPEG and for
 *     lossless WebP. PNG is exact and has none
 * @param keep what of the source's metadata is kept
 */
public record Encoding(ImageCodec.Format format, @Nullable Integer quality, Keep keep) {

  /** What of a source's EXIF, XMP and IPTC is kept; its profile and resolution always are. */
  public enum Keep {
    ALL,
    /** All but where it was taken. */
    NO_LOCATION,
    NOTHING
  }

  private static final int JPEG_QUALITY = 95;
  private static final int MAX_QUALITY = 100;

  /** libwebp's lossless coder: measured 25 bytes a pixel beside the image; lossy 4. */
  private static final int LOSSLESS_WEBP_BYTES = 28;

  private static final int LOSSY_WEBP_BYTES = 8;

  /** With all metadata. */
  public Encoding(ImageCodec.Format format, @Nullable Integer quality) {
    this(format, quality, Keep.ALL);
  }

  public Encoding {
    if (quality != null && (quality < 1 || quality > MAX_QUALITY)) {
      throw new BadRequestException("quality is " + quality + ", must be from 1 to " + MAX_QUALITY);
    }
  }

  /** With the format's usual quality. */
  public static Encoding of(ImageCodec.Format format) {
    return new Encoding(format, null);
  }

  /** Whether every sample comes back as it was. */
  public boolean isLossless() {
    return switch (format) {
      case PNG -> true;
      case JPEG -> false;
      case WEBP -> quality == null;
    };
  }

  /** Memory that the encoder takes beside the image and the file it makes. */
  public long workingBytes(int width, int height) {
    long pixels = (long) width * height;
    return switch (format) {
      case PNG, JPEG -> 0;
      case WEBP -> pixels * (isLossless() ? LOSSLESS_WEBP_BYTES : LOSSY_WEBP_BYTES);
    };
  }

  /**
   * Refuses an image that the format cannot hold.
   *
   * @throws BadRequestException naming the format and its limit
   */
  public void requireHolds(int width, int height) {
    if (width > format.maxSide() || height > format.maxSide()) {
      throw new BadRequestException(
          "image "
              + width
              + "x"
              + height
              + " exceeds "
              + format.maxSide()
              + " on a side, which is all that "
              + format.label()
              + " holds");
    }
  }

  /** From 0 to 1, for the lossy formats. */
  float share() {
    return (quality == null ? JPEG_QUALITY : quality) / (float) MAX_QUALITY;
  }
}
