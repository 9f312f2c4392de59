package io.smartedit.editor.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.editor.image.ImageCodec.Format;
import io.smartedit.editor.options.BadRequestException;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EncodingTest {

  private static final Provenance PROVENANCE = new Provenance("model", 1, null, false);

  @Property(tries = 40)
  void losslessFormatsGiveEverySampleBack(
      @ForAll @IntRange(min = 1, max = 90) int width,
      @ForAll @IntRange(min = 1, max = 90) int height,
      @ForAll long seed) {
    Image image = noise(width, height, seed);

    for (Format format : new Format[] {Format.PNG, Format.WEBP}) {
      byte[] file = ImageCodec.encode(FullImage.of(image), Encoding.of(format), PROVENANCE);

      assertThat(ImageCodec.decode(file, ImageLimits.DEFAULT).rgb()).isEqualTo(image.rgb());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"JPEG", "WEBP"})
  void qualityTradesSizeForLikeness(Format format) {
    Image image = noise(120, 80, 1);

    byte[] poor = ImageCodec.encode(FullImage.of(image), new Encoding(format, 5), PROVENANCE);
    byte[] good = ImageCodec.encode(FullImage.of(image), new Encoding(format, 90), PROVENANCE);

    assertThat(poor.length).isLessThan(good.length / 2);
    assertThat(difference(image, good)).isLessThan(difference(image, poor));
  }

  @Test
  void coloursOfAGoodJpegAreNotHalved() {
    byte[] rgb = new byte[3 * 64 * 64];
    for (int i = 0; i < 64 * 64; i++) {
      rgb[3 * i + i % 2 * 2] = (byte) 255; // columns of red and blue
    }
    Image image = new Image(64, 64, rgb);

    byte[] usual = ImageCodec.encode(FullImage.of(image), Encoding.of(Format.JPEG), PROVENANCE);
    byte[] halved =
        ImageCodec.encode(FullImage.of(image), new Encoding(Format.JPEG, 89), PROVENANCE);

    assertThat(difference(image, usual)).isLessThan(8);
    assertThat(difference(image, halved)).isGreaterThan(50);
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 101})
  void qualityHasLimits(int quality) {
    assertThatThrownBy(() -> new Encoding(Format.JPEG, quality))
        .isInstanceOf(BadRequestException.class)
        .hasMessage("quality is " + quality + ", must be from 1 to 100");
  }

  @Test
  void sidesThatAFormatCannotSayAreRefused() {
    assertThatThrownBy(() -> Encoding.of(Format.WEBP).requireHolds(16_384, 10))
        .isInstanceOf(BadRequestException.class)
        .hasMessage("image 16384x10 exceeds 16383 on a side, which is all that WebP holds");
    assertThatCode(() -> Encoding.of(Format.PNG).requireHolds(16_384, 10))
        .doesNotThrowAnyException();
    byte[] widest =
        ImageCodec.encode(
            FullImage.of(noise(16_383, 1, 2)), new Encoding(Format.WEBP, 50), PROVENANCE);
    assertThat(ImageCodec.decode(widest, ImageLimits.DEFAULT).width()).isEqualTo(16_383);
  }

  @ParameterizedTest
  @CsvSource({"a.png, PNG", "A.JPG, JPEG", "a.b.jpeg, JPEG", "x.WebP, WEBP"})
  void formatsAreToldByAFilesEnding(String name, Format format) {
    assertThat(Format.of(name)).isEqualTo(format);
  }

  private static double difference(Image image, byte[] file) {
    byte[] back = ImageCodec.decode(file, ImageLimits.DEFAULT).rgb();
    double sum = 0;
    for (int i = 0; i < back.length; i++) {
      sum += Math.abs((back[i] & 0xFF) - (image.rgb()[i] & 0xFF));
    }
    return sum / back.length;
  }

  private static Image noise(int width, int height, long seed) {
    byte[] rgb = new byte[3 * width * height];
    new Random(seed).nextBytes(rgb);
    return new Image(width, height, rgb);
  }
}
