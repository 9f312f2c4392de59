package io.smartedit.editor.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.drew.imaging.ImageMetadataReader;
import com.drew.metadata.xmp.XmpDirectory;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.options.BadRequestException;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageCodecTest {

  @Test
  void pngComesBackAsItWas() {
    Image decoded = noise(31, 17);

    Image back = decode(ImageCodec.encode(decoded, ImageCodec.Format.PNG));

    assertThat(back.rgb()).isEqualTo(decoded.rgb());
  }

  @ParameterizedTest
  @EnumSource
  void filesSayThatTheyWereEditedAndByWhat(ImageCodec.Format format) throws Exception {
    Provenance provenance = new Provenance("a<b & \"c\" \u00e9", -7, "r-1", false);
    Image decoded = noise(31, 17);

    byte[] bytes = ImageCodec.encode(decoded, format, provenance);

    assertThat(ImageCodec.decode(bytes, ImageLimits.DEFAULT).rgb())
        .isEqualTo(decode(ImageCodec.encode(decoded, format)).rgb());
    XmpDirectory xmp =
        ImageMetadataReader.readMetadata(new ByteArrayInputStream(bytes))
            .getFirstDirectoryOfType(XmpDirectory.class);
    assertThat(xmp.getXmpProperties())
        .containsEntry(
            "Iptc4xmpExt:DigitalSourceType",
            "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia")
        .containsEntry("Iptc4xmpExt:AISystemUsed", "a<b & \"c\" \u00e9")
        .containsEntry("xmp:CreatorTool", "SmartEdit Stream " + SmartEdit.VERSION)
        .containsEntry("smartedit:seed", "-7")
        .containsEntry("dc:identifier", "r-1");
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_4BYTE_ABGR,
        BufferedImage.TYPE_4BYTE_ABGR_PRE,
        BufferedImage.TYPE_INT_RGB,
        BufferedImage.TYPE_INT_ARGB,
        BufferedImage.TYPE_BYTE_INDEXED
      })
  void everyLayoutHasTheColoursThatJavaSees(int type) {
    BufferedImage image = new BufferedImage(23, 11, type);
    Random random = new Random(type);
    for (int i = 0; i < 23 * 11; i++) {
      image.setRGB(i % 23, i / 23, random.nextInt());
    }

    Image decoded = RgbRaster.of(image, Colours.SRGB, Metadata.NONE).view();

    for (int i = 0; i < 23 * 11; i++) {
      Color seen = new Color(image.getRGB(i % 23, i / 23), true);
      int red =
          Math.round((seen.getRed() * seen.getAlpha() + 255 * (255 - seen.getAlpha())) / 255f);
      int blue =
          Math.round((seen.getBlue() * seen.getAlpha() + 255 * (255 - seen.getAlpha())) / 255f);
      assertThat(decoded.sample(i % 23, i / 23, 0)).isEqualTo(red);
      assertThat(decoded.sample(i % 23, i / 23, 2)).isEqualTo(blue);
    }
  }

  @ParameterizedTest
  @CsvSource({"png, 5", "png, 6", "jpg, 5", "bmp, 5", "png, 10", "jpg, 10"})
  void filesHaveTheColoursThatTheyHold(String format, int type) throws IOException {
    BufferedImage image = new BufferedImage(23, 11, type);
    Random random = new Random(type);
    for (int i = 0; i < 23 * 11; i++) {
      image.setRGB(i % 23, i / 23, random.nextInt() | 0xFF000000);
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, file)).isTrue();
    BufferedImage seen = ImageIO.read(new ByteArrayInputStream(file.toByteArray()));

    Image decoded = decode(file.toByteArray());

    int[] samples = new int[4];
    for (int i = 0; i < 23 * 11; i++) {
      seen.getRaster().getPixel(i % 23, i / 23, samples);
      for (int channel = 0; channel < 3; channel++) {
        int band = seen.getRaster().getNumBands() == 1 ? 0 : channel;
        assertThat(decoded.sample(i % 23, i / 23, channel)).isEqualTo(samples[band]);
      }
    }
  }

  @Test
  void transparencyLiesOverWhite() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0x00FF0000);
    image.setRGB(1, 0, 0x80000000);

    Image decoded = decode(png(image));

    assertThat(decoded.sample(0, 0, 1)).isEqualTo(255);
    assertThat(decoded.sample(1, 0, 0)).isEqualTo(127);
  }

  @Test
  void sixteenBitGreyKeepsItsLevels() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
    WritableRaster raster = image.getRaster();
    raster.setSample(0, 0, 0, 0x8080);
    raster.setSample(1, 0, 0, 0xFFFF);

    Image decoded = decode(png(image));

    assertThat(decoded.sample(0, 0, 0)).isEqualTo(128);
    assertThat(decoded.sample(1, 0, 2)).isEqualTo(255);
  }

  @Test
  void palettesAreLookedUp() throws IOException {
    BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_INDEXED);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(new Color(255, 0, 0));
    graphics.fillRect(0, 0, 4, 4);
    graphics.dispose();

    Image decoded = decode(png(image));

    assertThat(decoded.sample(3, 3, 0)).isEqualTo(255);
    assertThat(decoded.sample(3, 3, 1)).isZero();
  }

  /** Where the mark in the top left corner of a 3x2 image is to be shown. */
  @ParameterizedTest
  @CsvSource({
    "1,3,2,0,0", "2,3,2,2,0", "3,3,2,2,1", "4,3,2,0,1",
    "5,2,3,0,0", "6,2,3,1,0", "7,2,3,1,2", "8,2,3,0,2"
  })
  void exifOrientationIsApplied(int orientation, int width, int height, int x, int y)
      throws IOException {
    BufferedImage image = new BufferedImage(48, 32, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, 16, 16);
    graphics.dispose();
    ByteArrayOutputStream jpeg = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", jpeg);

    Image decoded = decode(withOrientation(jpeg.toByteArray(), orientation));

    assertThat(decoded.width()).isEqualTo(width * 16);
    assertThat(decoded.height()).isEqualTo(height * 16);
    assertThat(decoded.sample(x * 16 + 8, y * 16 + 8, 0)).isGreaterThan(240);
  }

  @Test
  void limitsHoldBeforePixelsAreAllocated() {
    byte[] png = ImageCodec.encode(noise(40, 10), ImageCodec.Format.PNG);

    assertThatThrownBy(() -> ImageCodec.decode(png, new ImageLimits(100, 99, 9999)))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("more than 100");
    assertThatThrownBy(() -> ImageCodec.decode(png, new ImageLimits(9999, 30, 9999)))
        .hasMessageContaining("40x10 exceeds 30 on a side");
    assertThatThrownBy(() -> ImageCodec.decode(png, new ImageLimits(9999, 99, 300)))
        .hasMessageContaining("exceeds 300 pixels");
  }

  @Test
  void bombsAreRefusedByTheirHeader() {
    byte[] png = ImageCodec.encode(noise(8, 8), ImageCodec.Format.PNG);
    // The header's width: bytes 16 to 19 of a PNG.
    png[16] = 0x7F;

    assertThatThrownBy(() -> decode(png)).isInstanceOf(BadRequestException.class);
  }

  @Test
  void hostileImagesAreRefused() throws IOException {
    Random random = new Random(1);
    ByteArrayOutputStream gif = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(20, 20, BufferedImage.TYPE_BYTE_GRAY), "gif", gif);
    byte[][] whole = {
      ImageCodec.encode(noise(60, 40), ImageCodec.Format.PNG),
      ImageCodec.encode(noise(60, 40), ImageCodec.Format.JPEG)
    };
    for (int i = 0; i < 60; i++) {
      byte[] bytes = whole[i % 2];
      byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length - 20));

      assertThatThrownBy(() -> decode(cut))
          .as("cut to " + cut.length)
          .isInstanceOf(BadRequestException.class);
    }
    for (int i = 0; i < 20; i++) {
      byte[] garbage = new byte[random.nextInt(500)];
      random.nextBytes(garbage);

      assertThatThrownBy(() -> decode(garbage)).isInstanceOf(BadRequestException.class);
    }
    assertThatThrownBy(() -> decode("<svg/>".getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("not an image");
    assertThat(decode(gif.toByteArray()).width()).isEqualTo(20);
  }

  private static Image decode(byte[] bytes) {
    return ImageCodec.decode(bytes, ImageLimits.DEFAULT);
  }

  private static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  /** Puts a minimal EXIF segment behind the start of a JPEG. */
  private static byte[] withOrientation(byte[] jpeg, int orientation) {
    byte[] exif = {
      (byte) 0xFF,
      (byte) 0xE1,
      0,
      34,
      'E',
      'x',
      'i',
      'f',
      0,
      0,
      'M',
      'M',
      0,
      42,
      0,
      0,
      0,
      8,
      0,
      1,
      1,
      0x12,
      0,
      3,
      0,
      0,
      0,
      1,
      0,
      (byte) orientation,
      0,
      0,
      0,
      0,
      0,
      0
    };
    byte[] result = new byte[jpeg.length + exif.length];
    System.arraycopy(jpeg, 0, result, 0, 2);
    System.arraycopy(exif, 0, result, 2, exif.length);
    System.arraycopy(jpeg, 2, result, 2 + exif.length, jpeg.length - 2);
    return result;
  }

  private static Image noise(int width, int height) {
    byte[] rgb = new byte[width * height * 3];
    new Random(5).nextBytes(rgb);
    return new Image(width, height, rgb);
  }
}
