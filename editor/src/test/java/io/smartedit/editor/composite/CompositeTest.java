package io.smartedit.editor.composite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.options.BadRequestException;
import java.util.Random;
import java.util.function.IntPredicate;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class CompositeTest {

  private static final int WORKING = 64;

  @Test
  void whatTheAutoencoderAloneBlursIsNoChange() {
    Image source = noise(200, 150, 1);
    Image roundTrip = Bicubic.resize(Bicubic.resize(source, 16, 16), WORKING, WORKING);

    Composite composite = Composite.of(source, shaken(roundTrip, 2), roundTrip, null);

    assertThat(composite.image().rgb()).isEqualTo(source.rgb());
    assertThat(composite.change().share()).isZero();
    assertThat(composite.change().box()).isEqualTo(new Box(0, 0, 0, 0));
  }

  @Property(tries = 60)
  void onlyTheMaskChanges(
      @ForAll @IntRange(min = 1, max = 300) int width,
      @ForAll @IntRange(min = 1, max = 300) int height,
      @ForAll @IntRange(min = 0, max = 40) int left,
      @ForAll @IntRange(min = 0, max = 40) int top,
      @ForAll @IntRange(min = 6, max = 20) int side,
      @ForAll long seed) {
    Image source = noise(width, height, seed);
    Image roundTrip = Bicubic.resize(source, WORKING, WORKING);

    Composite composite =
        Composite.of(source, painted(roundTrip, left, top, side), roundTrip, null);

    Image mask = composite.change().mask();
    Box box = composite.change().box();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        if (mask.sample(x, y, 0) == 0) {
          assertThat(same(source, composite.image(), x, y)).isTrue();
        } else {
          assertThat(box.contains(x, y)).isTrue();
        }
      }
    }
  }

  @Test
  void aChangeIsFoundWhereItIsAndWhole() {
    Image source = noise(640, 320, 3);
    Image roundTrip = Bicubic.resize(source, WORKING, WORKING);
    Image edited = painted(shaken(roundTrip, 3), 16, 24, 16);

    Composite composite = Composite.of(source, edited, roundTrip, null);

    Box box = composite.change().box();
    assertThat(box.left()).isBetween(135, 160);
    assertThat(box.top()).isBetween(107, 120);
    assertThat(box.width()).isBetween(160, 210);
    assertThat(box.height()).isBetween(80, 106);
    assertThat(composite.image().sample(240, 160, 0)).isEqualTo(255);
    assertThat(composite.change().isWhole()).isFalse();
  }

  @Test
  void anEditOfTheWholeImageIsDeliveredWhole() {
    Image source = noise(300, 200, 4);
    Image roundTrip = Bicubic.resize(source, WORKING, WORKING);
    Image snow = new Image(WORKING, WORKING, new byte[3 * WORKING * WORKING]);

    Composite composite = Composite.of(source, snow, roundTrip, null);

    assertThat(composite.change().isWhole()).isTrue();
    assertThat(composite.change().share()).isEqualTo(1);
    assertThat(composite.image().rgb()).containsOnly(0);
  }

  @Property(tries = 40)
  void nothingChangesOutsideAGivenRegion(
      @ForAll @IntRange(min = 2, max = 200) int width,
      @ForAll @IntRange(min = 2, max = 200) int height,
      @ForAll long seed) {
    Random random = new Random(seed);
    Image source = noise(width, height, seed);
    Image other = noise(WORKING, WORKING, seed + 1);
    int left = random.nextInt(width);
    int top = random.nextInt(height);
    Box box =
        new Box(left, top, 1 + random.nextInt(width - left), 1 + random.nextInt(height - top));
    Image levels = noise(width, height, seed + 2);
    levels = black(levels, i -> random.nextBoolean());
    Image roundTrip = Bicubic.resize(source, WORKING, WORKING);

    Image byBox = Composite.of(source, other, roundTrip, new Mask.Region(box)).image();
    Image byMask = Composite.of(source, other, roundTrip, new Mask.Levels(levels)).image();

    for (int i = 0; i < width * height; i++) {
      int x = i % width;
      int y = i / width;
      assertThat(box.contains(x, y) || same(source, byBox, x, y)).isTrue();
      boolean allowed =
          levels.sample(x, y, 0) + levels.sample(x, y, 1) + levels.sample(x, y, 2) > 0;
      assertThat(allowed || same(source, byMask, x, y)).isTrue();
    }
  }

  @Test
  void masksThatDoNotFitAreRefused() {
    Image source = noise(30, 20, 5);

    assertThatThrownBy(() -> new Mask.Levels(noise(20, 30, 1)).requireFits(30, 20))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("20x30")
        .hasMessageContaining("30x20");
    assertThatThrownBy(() -> new Mask.Region(new Box(25, 0, 6, 2)).requireFits(30, 20))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("25,0 6x2");
    assertThatThrownBy(() -> new Mask.Region(new Box(0, 0, 0, 2)).requireFits(30, 20))
        .isInstanceOf(BadRequestException.class);
    assertThatThrownBy(() -> new Box(-1, 0, 1, 1)).isInstanceOf(BadRequestException.class);
    assertThat(source.width()).isEqualTo(30);
  }

  @Test
  void rowsOfAResizedImageAreTheWholeOnes() {
    Image image = noise(37, 53, 6);
    for (int[] size : new int[][] {{11, 90}, {37, 53}, {120, 20}}) {
      Image whole = Bicubic.resize(image, size[0], size[1]);
      Bicubic.Rows rows = Bicubic.rows(image, size[0], size[1]);
      byte[] all = new byte[whole.rgb().length];
      byte[] row = new byte[3 * size[0]];
      for (int y = 0; y < size[1]; y++) {
        rows.read(y, row);
        System.arraycopy(row, 0, all, y * row.length, row.length);
      }

      assertThat(all).isEqualTo(whole.rgb());
    }
  }

  private static boolean same(Image a, Image b, int x, int y) {
    return a.sample(x, y, 0) == b.sample(x, y, 0)
        && a.sample(x, y, 1) == b.sample(x, y, 1)
        && a.sample(x, y, 2) == b.sample(x, y, 2);
  }

  /** With a white square. */
  private static Image painted(Image image, int left, int top, int side) {
    byte[] rgb = image.rgb().clone();
    Box box = new Box(left, top, side, side);
    for (int i = 0; i < image.width() * image.height(); i++) {
      for (int c = 0; c < 3 && box.contains(i % image.width(), i / image.width()); c++) {
        rgb[3 * i + c] = (byte) 255;
      }
    }
    return new Image(image.width(), image.height(), rgb);
  }

  private static Image shaken(Image image, int levels) {
    Random random = new Random(9);
    byte[] rgb = image.rgb().clone();
    for (int i = 0; i < rgb.length; i++) {
      int level = (rgb[i] & 0xFF) + random.nextInt(2 * levels + 1) - levels;
      rgb[i] = (byte) Math.max(0, Math.min(255, level));
    }
    return new Image(image.width(), image.height(), rgb);
  }

  private static Image black(Image image, IntPredicate where) {
    byte[] rgb = image.rgb().clone();
    for (int i = 0; i < rgb.length / 3; i++) {
      if (where.test(i)) {
        rgb[3 * i] = 0;
        rgb[3 * i + 1] = 0;
        rgb[3 * i + 2] = 0;
      }
    }
    return new Image(image.width(), image.height(), rgb);
  }

  /** Mid grey with noise, and never white. */
  private static Image noise(int width, int height, long seed) {
    Random random = new Random(seed);
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (60 + random.nextInt(120));
    }
    return new Image(width, height, rgb);
  }
}
