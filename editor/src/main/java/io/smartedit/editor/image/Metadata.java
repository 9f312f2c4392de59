package io.smartedit.editor.image;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a file says of its image beside the pixels, as it stands there; nothing is read of it before
 * it is written again.
 *
 * @param exif a TIFF, whose first directory says what EXIF says
 * @param iptc IIM datasets
 * @param xmp a packet
 * @param resolution for whoever prints it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Metadata(
    byte @Nullable [] exif,
    byte @Nullable [] iptc,
    byte @Nullable [] xmp,
    @Nullable Resolution resolution) {

  /** Nothing. */
  public static final Metadata NONE = new Metadata(null, null, null, null);

  /** More than this of one kind is left behind. */
  static final int MOST_BYTES = 1 << 20;

  /** Gathers what a file says. */
  static final class Builder {
    private byte @Nullable [] exif;
    private byte @Nullable [] iptc;
    private byte @Nullable [] xmp;
    private @Nullable Resolution resolution;

    void exif(byte[] bytes, int from, int length) {
      exif = exif == null ? part(bytes, from, length) : exif;
    }

    void iptc(byte[] bytes, int from, int length) {
      iptc = iptc == null ? part(bytes, from, length) : iptc;
    }

    void xmp(byte[] bytes, int from, int length) {
      xmp = xmp == null ? part(bytes, from, length) : xmp;
    }

    /** Nonsense is as nothing. */
    void resolution(double across, double down) {
      if (across >= 1 && down >= 1 && across < Resolution.MOST && down < Resolution.MOST) {
        resolution = new Resolution(across, down);
      }
    }

    private static byte @Nullable [] part(byte[] bytes, int from, int length) {
      return length > MOST_BYTES || length < 1
          ? null
          : Arrays.copyOfRange(bytes, from, from + length);
    }

    Metadata build() {
      return new Metadata(exif, iptc, xmp, resolution);
    }
  }

  /** Of the image turned upright. */
  Metadata upright(int orientation) {
    return orientation < 5 || resolution == null
        ? this
        : new Metadata(exif, iptc, xmp, resolution.turned());
  }

  @Override
  public String toString() {
    return "Metadata[" + resolution + "]";
  }
}
