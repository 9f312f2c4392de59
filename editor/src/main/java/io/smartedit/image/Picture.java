package io.smartedit.image;

/**
 * An 8-bit RGB picture, row by row, red first.
 *
 * @param rgb {@code width * height * 3} bytes; owned by the picture, not copied
 */
@SuppressWarnings("ArrayRecordComponent") // pixels are neither compared nor hashed
public record Picture(int width, int height, byte[] rgb) {

  public Picture {
    if (width < 1 || height < 1 || rgb.length != Math.multiplyExact(3L * width, height)) {
      throw new IllegalArgumentException(
          "picture of " + width + "x" + height + " cannot have " + rgb.length + " bytes");
    }
  }

  /** A sample in 0..255; channel 0 is red. */
  public int sample(int x, int y, int channel) {
    return rgb[(y * width + x) * 3 + channel] & 0xFF;
  }

  @Override
  public String toString() {
    return "Picture[" + width + "x" + height + "]";
  }
}
