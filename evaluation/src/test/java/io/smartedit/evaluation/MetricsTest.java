package io.smartedit.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.image.ImageCodec;
import io.smartedit.image.ImageLimits;
import io.smartedit.image.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class MetricsTest {

  private static final Path PAIRS = Path.of("src/test/resources/metrics");

  @Test
  void storedPairsScoreAsTorchmetricsScoresThem() throws IOException {
    JsonNode expected =
        new ObjectMapper().readTree(PAIRS.resolve("expected.json").toFile()).path("pairs");
    assertThat(expected.size()).isEqualTo(3);
    for (int i = 0; i < expected.size(); i++) {
      Picture a = picture(i + "a.png");
      Picture b = picture(i + "b.png");
      assertThat(Metrics.mse(a, b)).isCloseTo(expected.get(i).path("mse").asDouble(), within(1e-6));
      assertThat(Metrics.psnr(a, b))
          .isCloseTo(expected.get(i).path("psnr").asDouble(), within(1e-4));
      assertThat(Metrics.ssim(a, b))
          .isCloseTo(expected.get(i).path("ssim").asDouble(), within(1e-4));
    }
  }

  @Test
  void equalPicturesAreEqualAndOthersSizesAreRefused() throws IOException {
    Picture a = picture("0a.png");

    assertThat(Metrics.ssim(a, a)).isCloseTo(1, within(1e-9));
    assertThat(Metrics.psnr(a, a)).isInfinite();
    assertThatThrownBy(() -> Metrics.mse(a, picture("1a.png"))).hasMessageContaining("in size");
  }

  private static Picture picture(String name) throws IOException {
    return ImageCodec.decode(Files.readAllBytes(PAIRS.resolve(name)), ImageLimits.DEFAULT);
  }
}
