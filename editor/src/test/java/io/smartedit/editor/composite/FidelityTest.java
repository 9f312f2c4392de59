package io.smartedit.editor.composite;

import static org.assertj.core.api.Assertions.assertThat;

import com.drew.imaging.ImageMetadataReader;
import com.drew.metadata.Metadata;
import com.drew.metadata.icc.IccDirectory;
import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.Encoding;
import io.smartedit.editor.image.FullImage;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageCodec.Format;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.image.Provenance;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a source's own samples, from its file to the result's. */
final class FidelityTest {

  private static final int WORKING = 32;
  private static final Path FILES = Path.of("src/test/resources/images");
  private static final Provenance PROVENANCE = new Provenance("model", 1, null, false);

  /** Of any depth, alpha and lossless format: outside of a region every sample comes back. */
  @Property(tries = 60)
  void samplesOutsideARegionComeBack(
      @ForAll @IntRange(min = 2, max = 70) int width,
      @ForAll @IntRange(min = 2, max = 70) int height,
      @ForAll boolean deep,
      @ForAll boolean alpha,
      @ForAll long seed)
      throws IOException {
    FullImage source = decoded(png(width, height, deep, alpha, seed));
    Random random = new Random(seed);
    int left = random.nextInt(width);
    int top = random.nextInt(height);
    Box box =
        new Box(left, top, 1 + random.nextInt(width - left), 1 + random.nextInt(height - top));

    FullImage result = edited(source, new Mask.Region(box));

    FullImage fromPng = decoded(encode(result, Format.PNG));
    FullImage fromWebp = decoded(encode(result, Format.WEBP));
    assertThat(fromPng.isDeep()).isEqualTo(deep);
    assertThat(fromPng.hasAlpha()).isEqualTo(alpha);
    for (int i = 0; i < width * height; i++) {
      int x = i % width;
      int y = i / width;
      for (int c = 0; c < (alpha ? 4 : 3); c++) {
        boolean own = c == 3 || !box.contains(x, y);
        assertThat(!own || fromPng.sample(x, y, c) == source.sample(x, y, c)).isTrue();
        boolean exact = own && !deep && (c < 3 || fromWebp.hasAlpha());
        assertThat(!exact || fromWebp.sample(x, y, c) == source.sample(x, y, c)).isTrue();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "p3.png, PNG",
    "p3.png, WEBP",
    "p3.jpg, PNG",
    "p3.webp, WEBP",
    "p3.tif, PNG",
    "adobe-rgb.png, PNG",
    "adobe-rgb.png, WEBP",
    "p3-alpha.png, PNG",
    "cicp-p3.png, PNG",
    "chrm-p3.png, WEBP",
    "gamma-1.0.png, PNG",
    "grey-profile.png, PNG",
    "rgb-16.png, PNG",
    "rgba-16.png, PNG",
    "grey-alpha-16.png, PNG",
    "rgb-16.tif, PNG",
    "orientation-6.tif, PNG",
    "orientation-7.webp, WEBP",
    "palette-transparent.png, PNG",
    "lossy-alpha.webp, WEBP"
  })
  void filesOfTheWildComeBackInTheirOwnSpace(String name, Format format) throws IOException {
    FullImage source = decoded(Files.readAllBytes(FILES.resolve(name)));
    Box box = new Box(0, 0, Math.max(1, source.width() / 3), Math.max(1, source.height() / 3));

    FullImage back = decoded(encode(edited(source, new Mask.Region(box)), format));

    Image before = source.view();
    Image after = back.view();
    for (int i = 0; i < before.width() * before.height(); i++) {
      int x = i % before.width();
      int y = i / before.width();
      for (int c = 0; c < 3 && !box.contains(x, y); c++) {
        assertThat(back.sample(x, y, c)).isEqualTo(source.sample(x, y, c));
        // By a profile where the source said its space in numbers.
        assertThat(after.sample(x, y, c)).isCloseTo(before.sample(x, y, c), within(2));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PNG", "JPEG", "WEBP"})
  void theProfileIsInTheFile(Format format) throws Exception {
    FullImage source = decoded(Files.readAllBytes(FILES.resolve("p3.png")));

    Metadata said =
        ImageMetadataReader.readMetadata(new ByteArrayInputStream(encode(source, format)));

    assertThat(said.getFirstDirectoryOfType(IccDirectory.class)).isNotNull();
  }

  /** What the model painted is seen as it painted it, whatever the space and the alpha. */
  @ParameterizedTest
  @ValueSource(strings = {"p3.png", "adobe-rgb.png", "rgb-16.png", "chrm-p3.png", "rgba.png"})
  void theEditHasTheColoursThatTheModelGave(String name) throws IOException {
    FullImage source = decoded(Files.readAllBytes(FILES.resolve(name)));
    Image roundTrip = Bicubic.resize(source.view(), WORKING, WORKING);

    FullImage result = Composite.of(source, olive(), roundTrip, null).full();

    Image seen = decoded(encode(result, Format.PNG)).view();
    int[] wanted = {120, 130, 60};
    for (int i = 0; i < seen.width() * seen.height(); i++) {
      int x = i % seen.width();
      int y = i / seen.width();
      boolean opaque = !source.hasAlpha() || source.sample(x, y, 3) == 255;
      for (int c = 0; c < 3 && opaque; c++) {
        assertThat(seen.sample(x, y, c)).isCloseTo(wanted[c], within(2));
      }
    }
  }

  @Test
  void jpegLaysTransparencyOverWhite() throws IOException {
    FullImage source = decoded(png(20, 20, false, true, 3));

    FullImage back = decoded(encode(source, Format.JPEG));

    assertThat(back.hasAlpha()).isFalse();
    assertThat(ImageCodec.decode(png(20, 20, false, true, 3), ImageLimits.DEFAULT).rgb())
        .isEqualTo(source.view().rgb());
  }

  private static FullImage edited(FullImage source, Mask allowed) {
    Image roundTrip = Bicubic.resize(source.view(), WORKING, WORKING);
    return Composite.of(source, olive(), roundTrip, allowed).full();
  }

  private static Image olive() {
    byte[] rgb = new byte[3 * WORKING * WORKING];
    for (int i = 0; i < rgb.length; i += 3) {
      rgb[i] = 120;
      rgb[i + 1] = (byte) 130;
      rgb[i + 2] = 60;
    }
    return new Image(WORKING, WORKING, rgb);
  }

  private static byte[] encode(FullImage image, Format format) {
    return ImageCodec.encode(image, Encoding.of(format), PROVENANCE);
  }

  private static FullImage decoded(byte[] file) {
    return ImageCodec.decodeFull(file, ImageLimits.DEFAULT);
  }

  private static byte[] png(int width, int height, boolean deep, boolean alpha, long seed)
      throws IOException {
    int type = deep ? DataBuffer.TYPE_USHORT : DataBuffer.TYPE_BYTE;
    int channels = alpha ? 4 : 3;
    WritableRaster raster = Raster.createInterleavedRaster(type, width, height, channels, null);
    ComponentColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            alpha,
            false,
            alpha ? Transparency.TRANSLUCENT : Transparency.OPAQUE,
            type);
    int[] samples =
        new Random(seed).ints((long) width * height * channels, 0, deep ? 65_536 : 256).toArray();
    raster.setPixels(0, 0, width, height, samples);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    ImageIO.write(new BufferedImage(model, raster, false, null), "png", file);
    return file.toByteArray();
  }

  private static org.assertj.core.data.Offset<Integer> within(int levels) {
    return org.assertj.core.data.Offset.offset(levels);
  }
}
