package io.smartedit.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Guidance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReasonEditTest {

  private static final Path MODEL = Path.of("../editor/src/test/resources/parity/tiny");
  private static final int SIDE = 64;

  @TempDir private Path folder = Path.of("");

  @BeforeEach
  void makeTwoClasses() throws IOException {
    Path left = Files.createDirectories(folder.resolve("data/1-Left-Right"));
    for (int i : List.of(1, 2, 10)) {
      write(left.resolve(i + ".png"), 0x10 * i);
      write(left.resolve(i + "_mask.jpg"), i == 2 ? 255 : 0);
    }
    Files.writeString(
        left.resolve("text.txt"),
        "Remove the left cat. CLIP: a sofa\nRemove <b>all</b>.\nTen, \"quoted\". CLIP: x\n\n");
    Path color = Files.createDirectories(folder.resolve("data/4-Color"));
    write(color.resolve("a.png"), 0x80);
    write(color.resolve("a_mask.png"), 255);
    Files.writeString(color.resolve("text.txt"), "Paint it.");
  }

  @Test
  void readsImagesInTheOrderOfTheirNumbers() throws IOException {
    SampleSet set = Evaluation.folder(folder.resolve("data"));

    assertThat(set.size()).isEqualTo(4);
    assertThat(set.get(0, SIDE).instruction()).isEqualTo("Remove the left cat.");
    assertThat(set.get(0, SIDE).description()).contains("a sofa");
    assertThat(set.get(0, SIDE).mask().orElseThrow()).hasSize(SIDE * SIDE).containsOnly(false);
    assertThat(set.get(1, SIDE).mask().orElseThrow()).containsOnly(true);
    assertThat(set.get(1, SIDE).description()).isEmpty();
    assertThat(set.get(2, SIDE)).hasToString("1-Left-Right/10");
    assertThat(set.get(3, SIDE)).hasToString("4-Color/a");
  }

  @Test
  void namesWhatIsMissing() throws IOException {
    Path root = folder.resolve("data");
    Files.delete(root.resolve("4-Color/a_mask.png"));
    assertThatThrownBy(() -> Evaluation.folder(root)).hasMessageContaining("a_mask.jpg");
    Files.writeString(root.resolve("1-Left-Right/text.txt"), "one line");
    assertThatThrownBy(() -> Evaluation.folder(root)).hasMessageContaining("1 lines for 3 images");
    assertThatThrownBy(() -> Evaluation.folder(Files.createDirectory(folder.resolve("empty"))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("empty");
  }

  @Test
  void editsJudgesAndReports() throws IOException {
    Path out = folder.resolve("out");
    EditOptions options =
        new EditOptions(2, new Guidance(7.5, 1.5), 3, SIDE, EditOptions.Fit.SQUARE, false);
    Report report;
    try (SmartEdit editor = SmartEdit.open(MODEL, SmartEdit.Settings.DEFAULT)) {
      report =
          new Evaluation(editor, options)
              .run(Evaluation.folder(folder.resolve("data")), "a <toy>", out, done -> {});
    }

    assertThat(report.scores()).extracting(Report.Score::edits).containsExactly(3, 1);
    JsonNode scores = new ObjectMapper().readTree(out.resolve("scores.json").toFile());
    assertThat(scores.at("/scores/0/means/ssim").asDouble()).isBetween(-1.0, 1.0);
    assertThat(scores.at("/scores/0/means/right").isMissingNode()).isTrue();
    // Where all may change nothing is left to compare.
    assertThat(scores.at("/scores/1/means/mse").asDouble()).isZero();
    assertThat(Files.readString(out.resolve("edits.csv")))
        .contains("\"Ten, \"\"quoted\"\".\"")
        .hasLineCount(5);
    assertThat(Files.readString(out.resolve("index.html")))
        .contains("a &lt;toy>", "Remove &lt;b>all", "not computed")
        .doesNotContain("<b>");
    assertThat(out.resolve("pictures/1-Left-Right/10-edited.png")).exists();
  }

  private static void write(Path file, int grey) throws IOException {
    byte[] rgb = new byte[80 * 60 * 3];
    Arrays.fill(rgb, (byte) grey);
    Files.write(
        file, ImageCodec.encode(new Image(80, 60, rgb), ImageCodec.Format.of(file.toString())));
  }
}
