package io.smartedit.editor.image;

import io.smartedit.editor.BadRequestException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * Whether an image file reaches its own end.
 *
 * <p>ImageIO's readers fill what is cut off with grey or black and only warn; a wrong image is
 * worse than none.
 */
final class CompletenessCheck {

  private static final byte[] PNG_END = "IEND".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] JPEG_SCAN = {(byte) 0xFF, (byte) 0xDA};
  private static final byte[] JPEG_END = {(byte) 0xFF, (byte) 0xD9};
  private static final byte GIF_END = 0x3B;

  private CompletenessCheck() {}

  /** {@code format} as the reader calls it. */
  static void require(byte[] bytes, String format) {
    boolean ends =
        switch (format.toLowerCase(Locale.ROOT)) {
          case "png" -> lastIndexOf(bytes, PNG_END, 0) >= 0;
          // Inside a scan 0xFF is escaped, so an end marker behind the last scan is the file's.
          case "jpeg", "jpg" -> {
            int end = lastIndexOf(bytes, JPEG_END, 0);
            yield end >= 0 && lastIndexOf(bytes, JPEG_SCAN, end) < 0;
          }
          case "webp" -> riffSize(bytes) <= bytes.length;
          case "gif" -> lastIndexOf(bytes, new byte[] {GIF_END}, bytes.length / 2 + 1) >= 0;
          default -> true; // BMP: its reader fails at a missing byte
        };
    if (!ends) {
      throw new BadRequestException("image is cut off: its " + format + " data has no end");
    }
  }

  private static long riffSize(byte[] bytes) {
    long size = 0;
    for (int i = 7; i >= 4; i--) {
      size = size << 8 | (bytes[i] & 0xFF);
    }
    return size + 8;
  }

  private static int lastIndexOf(byte[] bytes, byte[] mark, int from) {
    for (int at = bytes.length - mark.length; at >= from; at--) {
      if (bytes[at] == mark[0]
          && Arrays.equals(bytes, at, at + mark.length, mark, 0, mark.length)) {
        return at;
      }
    }
    return -1;
  }
}
