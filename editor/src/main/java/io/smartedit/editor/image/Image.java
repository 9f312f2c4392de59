package io.smartedit.editor.image;

/**
 * An 8-bit RGB image, row by row, red first.
 *
 * @param rgb {@code width * height * 3} bytes; owned by the image, not copied
 */
@SuppressWarnings("ArrayRecordComponent") // pixels are neither compared nor hashed
public record Image(int width, int height, byte[] rgb) {

  public Image {
    if (width < 1 || height < 1 || rgb.length != Math.multiplyExact(3L * width, height)) {
      throw new IllegalArgumentException(
          "image of " + width + "x" + height + " cannot have " + rgb.length + " bytes");
    }
  }

  /** A sample in 0..255; channel 0 is red. */
  public int sample(int x, int y, int channel) {
    return rgb[(y * width + x) * 3 + channel] & 0xFF;
  }

  @Override
  public String toString() {
    return "Image[" + width + "x" + height + "]";
  }
}
