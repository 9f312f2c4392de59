package io.smartedit.editor.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.zip.CRC32;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BicubicTest {

  /** CRC-32 of the bytes that Pillow 13.0.0 gave for the same generated image. */
  @ParameterizedTest
  @CsvSource({
    "97,75,56,56,1006980174",
    "13,200,224,224,4140394440",
    "1,1,8,8,447765717",
    "640,3,64,64,4178954126",
    "224,224,224,224,2846869225",
    "300,224,224,224,903380398",
    "33,57,31,61,2753987978",
    "1000,7,8,8,4216029642"
  })
  void equalsPillowBitForBit(int width, int height, int newWidth, int newHeight, long crc) {
    Image source = generated(width, height);

    Image resized = Bicubic.resize(source, newWidth, newHeight);

    CRC32 actual = new CRC32();
    actual.update(resized.rgb());
    assertThat(actual.getValue()).isEqualTo(crc);
  }

  /** The C library's linear congruential generator, bits 16 to 23. */
  private static Image generated(int width, int height) {
    byte[] rgb = new byte[width * height * 3];
    long state = width * 31L + height;
    for (int i = 0; i < rgb.length; i++) {
      state = (state * 1103515245 + 12345) & 0x7fffffff;
      rgb[i] = (byte) (state >> 16);
    }
    return new Image(width, height, rgb);
  }
}
