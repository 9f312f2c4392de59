package io.smartedit.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.editor.checkpoint.Safetensors;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MetricsTest {

  private static final Path PAIRS = Path.of("src/test/resources/metrics");

  @Test
  void storedPairsScoreAsTorchmetricsScoresThem() throws IOException {
    JsonNode expected =
        new ObjectMapper().readTree(PAIRS.resolve("expected.json").toFile()).path("pairs");
    assertThat(expected.size()).isEqualTo(3);
    for (int i = 0; i < expected.size(); i++) {
      Image a = image(i + "a.png");
      Image b = image(i + "b.png");
      assertThat(Metrics.mse(a, b)).isCloseTo(expected.get(i).path("mse").asDouble(), within(1e-6));
      assertThat(Metrics.psnr(a, b))
          .isCloseTo(expected.get(i).path("psnr").asDouble(), within(1e-4));
      assertThat(Metrics.ssim(a, b))
          .isCloseTo(expected.get(i).path("ssim").asDouble(), within(1e-4));
    }
  }

  @Test
  void lpipsEqualsTorchmetricsWithTheSameWeights(@TempDir Path folder) throws IOException {
    JsonNode expected =
        new ObjectMapper().readTree(PAIRS.resolve("expected.json").toFile()).path("pairs");
    try (Lpips lpips = Lpips.load(madeUpWeights(folder.resolve("lpips.safetensors")))) {
      for (int i = 0; i < expected.size(); i++) {
        assertThat(lpips.distance(image(i + "a.png"), image(i + "b.png")))
            .isCloseTo(expected.get(i).path("lpips").asDouble(), within(1e-4));
      }
      assertThat(lpips.distance(image("0a.png"), image("0a.png"))).isZero();
    }
  }

  /** Weights by a formula that the reference was filled with too. */
  private static Path madeUpWeights(Path file) throws IOException {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      put(arrays, manager, "features.0.weight", 64, 3, 3, 3);
      put(arrays, manager, "features.0.bias", 64);
      int[][] fires = {
        {3, 64, 128}, {4, 128, 128}, {6, 128, 256}, {7, 256, 256},
        {9, 256, 384}, {10, 384, 384}, {11, 384, 512}, {12, 512, 512}
      };
      for (int[] fire : fires) {
        String name = "features." + fire[0] + ".";
        int squeezed = fire[2] / 8;
        put(arrays, manager, name + "squeeze.weight", squeezed, fire[1], 1, 1);
        put(arrays, manager, name + "squeeze.bias", squeezed);
        put(arrays, manager, name + "expand1x1.weight", fire[2] / 2, squeezed, 1, 1);
        put(arrays, manager, name + "expand1x1.bias", fire[2] / 2);
        put(arrays, manager, name + "expand3x3.weight", fire[2] / 2, squeezed, 3, 3);
        put(arrays, manager, name + "expand3x3.bias", fire[2] / 2);
      }
      int[] widths = {64, 128, 256, 384, 384, 512, 512};
      for (int i = 0; i < widths.length; i++) {
        put(arrays, manager, "lin" + i + ".model.1.weight", 1, widths[i], 1, 1);
      }
      Safetensors.write(file, arrays, Map.of());
    }
    return file;
  }

  private static void put(
      Map<String, NDArray> arrays, NDManager manager, String name, long... dimensions) {
    Shape shape = new Shape(dimensions);
    int size = Math.toIntExact(shape.size());
    int seed = 0;
    for (int i = 0; i < name.length(); i++) {
      seed += name.charAt(i) * (i + 1);
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      double value = Math.sin(i * 0.7 + seed % 997);
      values[i] =
          (float)
              (name.startsWith("lin")
                  ? Math.abs(value)
                  : name.endsWith("bias")
                      ? 0.1 * value
                      : value * Math.sqrt(4.0 * shape.get(0) / size));
    }
    arrays.put(name, manager.create(values, shape));
  }

  @Test
  void equalImagesAreEqualAndOthersSizesAreRefused() throws IOException {
    Image a = image("0a.png");

    assertThat(Metrics.ssim(a, a)).isCloseTo(1, within(1e-9));
    assertThat(Metrics.psnr(a, a)).isInfinite();
    assertThatThrownBy(() -> Metrics.mse(a, image("1a.png"))).hasMessageContaining("in size");
  }

  private static Image image(String name) throws IOException {
    return ImageCodec.decode(Files.readAllBytes(PAIRS.resolve(name)), ImageLimits.DEFAULT);
  }
}
