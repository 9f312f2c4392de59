package io.smartedit.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.checkpoint.CheckpointException;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Guidance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Metrics against transformers' ViTModel and CLIPModel over the same small weights, with
 * torchvision's transforms; and the set's two ways of counting.
 */
final class MagicBrushTest {

  private static final Path RESOURCES = Path.of("src/test/resources");
  private static final Path DINO = RESOURCES.resolve("dino/dino.safetensors");
  private static final Path CLIP = RESOURCES.resolve("clip");
  private static final Path MODEL = Path.of("../editor/src/test/resources/parity/tiny");
  private static final int SIDE = 64;

  @TempDir private Path folder = Path.of("");

  @Test
  void cosinesAndDifferencesEqualTheReferences() throws IOException {
    JsonNode cases =
        new ObjectMapper().readTree(RESOURCES.resolve("dino/expected.json").toFile()).path("cases");
    assertThat(cases.size()).isGreaterThan(10);
    try (Dino dino = Dino.load(DINO);
        ClipScore clip = ClipScore.load(CLIP)) {
      for (JsonNode each : cases) {
        Image a = image(each.path("a").asText());
        Image b = image(each.path("b").asText());
        assertThat(dino.similarity(a, b)).isCloseTo(each.path("dino_i").asDouble(), within(1e-4));
        assertThat(clip.similarity(a, b)).isCloseTo(each.path("clip_i").asDouble(), within(1e-4));
        assertThat(Metrics.l1(a, b)).isCloseTo(each.path("l1").asDouble(), within(1e-4));
      }
    }
    Path clip = CLIP.resolve("model.safetensors");
    assertThatThrownBy(() -> Dino.load(clip))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("not a DINO transformer");
  }

  @Test
  void turnsAreJudgedOneByOneAndSessionsByTheirEnd() throws IOException {
    makeSet();
    SampleSet set = Evaluation.folder(folder);

    assertThat(set.size()).isEqualTo(5);
    assertThat(set.get(1, SIDE)).hasToString("all-turns/7-output2");
    assertThat(set.get(1, SIDE).instructions()).containsExactly("and a coat");
    assertThat(set.get(1, SIDE).description()).contains("a dog in a hat and a coat");
    assertThat(set.get(2, SIDE).description()).isEmpty();
    assertThat(set.get(3, SIDE)).hasToString("final-turn/7-output2");
    assertThat(set.get(3, SIDE).instructions()).containsExactly("add a hat", "and a coat");
    assertThat(set.get(3, SIDE).instruction()).isEqualTo("add a hat; then: and a coat");
    assertThat(set.get(3, SIDE).source().rgb()).isEqualTo(set.get(0, SIDE).source().rgb());

    EditOptions options =
        new EditOptions(1, new Guidance(7.5, 1.5), 3, SIDE, EditOptions.Fit.SQUARE, false);
    Report report;
    try (SmartEdit editor = SmartEdit.open(MODEL, SmartEdit.Settings.DEFAULT);
        Evaluation evaluation = new Evaluation(editor, options)) {
      evaluation.withClip(CLIP);
      evaluation.withDino(DINO);
      report = evaluation.run(set, "toy", folder.resolve("out"), done -> {});
    }

    assertThat(report.metrics())
        .containsExactly("l1", "clip_i", "clip_t", "dino_i", "composite_l1");
    assertThat(report.scores())
        .extracting(Report.Score::group)
        .containsExactly("all-turns", "final-turn");
    assertThat(report.scores().get(0).edits()).isEqualTo(3);
    assertThat(report.scores().get(1).means().get("l1")).isBetween(0.0, 1.0);
    // The second turn alone and after the first are not the same edit.
    String csv = Files.readString(folder.resolve("out/edits.csv"));
    List<String> second = csv.lines().filter(line -> line.contains("7-output2")).toList();
    assertThat(second).hasSize(2);
    assertThat(second.get(0).split(",", -1)[3]).isNotEqualTo(second.get(1).split(",", -1)[3]);
  }

  private void makeSet() throws IOException {
    Path seven = Files.createDirectories(folder.resolve("images/7"));
    Path nine = Files.createDirectories(folder.resolve("images/9"));
    Path metrics = RESOURCES.resolve("metrics");
    Files.copy(metrics.resolve("1a.png"), seven.resolve("7-input.png"));
    Files.copy(metrics.resolve("2a.png"), seven.resolve("7-output1.png"));
    Files.copy(metrics.resolve("0a.png"), seven.resolve("7-output2.png"));
    Files.copy(metrics.resolve("2b.png"), nine.resolve("9-input.png"));
    Files.copy(metrics.resolve("0b.png"), nine.resolve("9-output1.png"));
    Files.writeString(
        folder.resolve("edit_turns.json"),
        """
        [{"input": "7-input.png", "output": "7-output1.png", "instruction": "add a hat"},
         {"input": "7-output1.png", "output": "7-output2.png", "instruction": "and a coat"},
         {"input": "9-input.png", "output": "9-output1.png", "instruction": "make it night"}]
        """);
    Files.writeString(
        folder.resolve("global_descriptions.json"),
        """
        {"7": {"7-output1.png": "a dog in a hat", "7-output2.png": "a dog in a hat and a coat"}}
        """);
  }

  private static Image image(String name) throws IOException {
    Path file = RESOURCES.resolve("metrics").resolve(name);
    return ImageCodec.decode(Files.readAllBytes(file), ImageLimits.DEFAULT);
  }
}
