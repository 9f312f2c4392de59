package io.smartedit.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.editor.checkpoint.CheckpointException;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Scores against those of transformers' CLIPModel over the same small weights. */
final class ClipScoreTest {

  private static final Path FOLDER = Path.of("src/test/resources/clip");
  private static final Path IMAGES = Path.of("src/test/resources/metrics");

  @Test
  void scoresEqualTheReference() throws IOException {
    JsonNode cases =
        new ObjectMapper().readTree(FOLDER.resolve("expected.json").toFile()).path("cases");
    assertThat(cases.size()).isGreaterThan(3);
    try (ClipScore clip = ClipScore.load(FOLDER)) {
      for (JsonNode each : cases) {
        byte[] png = Files.readAllBytes(IMAGES.resolve(each.path("picture").asText()));
        double score =
            clip.of(ImageCodec.decode(png, ImageLimits.DEFAULT), each.path("text").asText());
        assertThat(score).isCloseTo(each.path("score").asDouble(), within(1e-2));
      }
    }
  }

  @Test
  void aFolderWithoutClipIsRefused() {
    assertThatThrownBy(() -> ClipScore.load(IMAGES)).isInstanceOf(CheckpointException.class);
  }
}
