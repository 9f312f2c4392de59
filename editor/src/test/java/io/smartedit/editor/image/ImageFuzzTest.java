package io.smartedit.editor.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.editor.options.BadRequestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Whatever becomes of a file: it is an image or refused, and nothing else comes out. */
final class ImageFuzzTest {

  private static final Path FILES = Path.of("src/test/resources/images");
  private static final ImageLimits LIMITS = new ImageLimits(1 << 20, 4096, 4_000_000);
  private static final List<byte[]> SEEDS = seeds();

  @Property(tries = 1500)
  void mutatedFilesAreImagesOrRefused(
      @ForAll @IntRange(min = 0, max = 1 << 20) int which, @ForAll long seed) {
    byte[] bytes = mutated(SEEDS.get(which % SEEDS.size()), new Random(seed));

    assertImageOrRefused(bytes);
  }

  @Property(tries = 300)
  void beginningsOfFilesAreRefused(
      @ForAll @IntRange(min = 0, max = 1 << 20) int which,
      @ForAll @IntRange(max = 95) int percent) {
    byte[] whole = SEEDS.get(which % SEEDS.size());

    assertImageOrRefused(Arrays.copyOf(whole, whole.length * percent / 100));
  }

  private static void assertImageOrRefused(byte[] bytes) {
    try {
      Image image = ImageCodec.decode(bytes, LIMITS);

      assertThat((long) image.width() * image.height()).isLessThanOrEqualTo(LIMITS.maxPixels());
    } catch (BadRequestException e) {
      assertThat(e.getMessage()).contains("image").hasSizeLessThan(300);
    }
  }

  private static byte[] mutated(byte[] original, Random random) {
    byte[] bytes = original.clone();
    for (int i = 1 + random.nextInt(6); i > 0; i--) {
      // Headers decide most: half of the changes fall into the first hundred bytes.
      int most = random.nextBoolean() ? Math.min(100, bytes.length) : bytes.length;
      int at = random.nextInt(most);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] = (byte) random.nextInt();
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 4), (byte) 0xFF);
        case 3 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 4), (byte) 0);
        default -> {
          int from = random.nextInt(bytes.length);
          int length = Math.min(random.nextInt(64), bytes.length - Math.max(at, from));
          System.arraycopy(original, from, bytes, at, length);
        }
      }
    }
    return bytes;
  }

  private static List<byte[]> seeds() {
    try (Stream<Path> files = Files.walk(FILES, 2)) {
      return files
          .filter(file -> file.toString().matches(".*\\.(png|jpg|webp|gif|bmp|tif)"))
          .filter(file -> !file.toString().endsWith(".expected.png"))
          .sorted()
          .map(ImageFuzzTest::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
