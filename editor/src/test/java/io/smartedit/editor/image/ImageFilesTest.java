package io.smartedit.editor.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.editor.options.BadRequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Files of the wild beside what a reference decoder makes of them; {@code images/HOW.md}. */
final class ImageFilesTest {

  private static final Path FILES = Path.of("src/test/resources/images");
  private static final String EXPECTED = ".expected.png";

  /** JPEG decoders differ by so much in their arithmetic, colour engines in their rounding. */
  private static final int LEVELS = 3;

  /** WebP's is one. */
  private static final int WEBP_LEVELS = 2;

  static Stream<String> files() throws IOException {
    return names(FILES).filter(name -> Files.exists(FILES.resolve(name + EXPECTED)));
  }

  static Stream<String> refused() throws IOException {
    return names(FILES.resolve("refused"));
  }

  private static Stream<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void everyFileIsSeenAsTheReferenceSeesIt(String name) throws IOException {
    byte[] bytes = Files.readAllBytes(FILES.resolve(name));
    Image expected = decode(Files.readAllBytes(FILES.resolve(name + EXPECTED)));

    Image image = decode(bytes);

    ImageHeader header = ImageHeader.read(bytes, ImageLimits.DEFAULT);
    assertThat(image.toString()).isEqualTo(expected.toString());
    assertThat(header.width()).isEqualTo(image.width());
    assertThat(header.height()).isEqualTo(image.height());
    assertThat(largestDifference(image, expected))
        .isLessThanOrEqualTo(name.endsWith(".webp") ? WEBP_LEVELS : LEVELS);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatCannotBeEditedIsRefusedByItsName(String name) throws IOException {
    byte[] bytes = Files.readAllBytes(FILES.resolve("refused").resolve(name));

    assertThatThrownBy(() -> decode(bytes))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining(name.substring(0, name.indexOf('.')).replaceAll("-\\d+$", ""));
    assertThatThrownBy(() -> ImageHeader.read(bytes, ImageLimits.DEFAULT))
        .isInstanceOf(BadRequestException.class);
  }

  private static int largestDifference(Image a, Image b) {
    int largest = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      largest = Math.max(largest, Math.abs((a.rgb()[i] & 0xFF) - (b.rgb()[i] & 0xFF)));
    }
    return largest;
  }

  private static Image decode(byte[] bytes) {
    return ImageCodec.decode(bytes, ImageLimits.DEFAULT);
  }
}
