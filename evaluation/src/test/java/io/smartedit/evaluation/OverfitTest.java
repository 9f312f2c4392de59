package io.smartedit.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.editor.EditObserver;
import io.smartedit.editor.EditRequest;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.nn.Precision;
import io.smartedit.training.Stage;
import io.smartedit.training.data.DataSet;
import io.smartedit.training.data.Mixture;
import io.smartedit.training.emoji.EmojiEdit;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import io.smartedit.training.paper.FineTuning;
import io.smartedit.training.paper.PaperStage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The paper's third stage can learn what it is shown: eight edits the model gets wrong. */
final class OverfitTest {

  private static final Path MINI = Path.of("../models/smartedit-mini");
  private static final int PAIRS = 8;
  private static final int SIDE = 64;
  private static final int STEPS = 150;

  @TempDir private Path folder = Path.of("");

  @Test
  void eightEditsThatGoWrongAreRightAfterTraining() throws IOException {
    List<EmojiEdit> wrong = new ArrayList<>();
    try (SmartEdit editor = SmartEdit.open(MINI, SmartEdit.Settings.DEFAULT)) {
      EmojiEdits edits = new EmojiEdits(99, Split.HELD_OUT);
      for (int i = 0; wrong.size() < PAIRS; i++) {
        if (!isRight(editor, edits.get(i))) {
          wrong.add(edits.get(i));
        }
      }
    }
    Path to = folder.resolve("model");

    new FineTuning(MINI, to, folder.resolve("work"))
        .run(
            pairs(wrong),
            new Stage.Plan(STEPS, PAIRS, 1e-3, 0.9),
            new PaperStage.Settings(true, SIDE, Precision.FP32),
            (stage, step, steps, losses, speed) -> {});

    int right = 0;
    try (SmartEdit editor = SmartEdit.open(to, SmartEdit.Settings.DEFAULT)) {
      for (EmojiEdit edit : wrong) {
        right += isRight(editor, edit) ? 1 : 0;
      }
    }
    assertThat(right).isGreaterThanOrEqualTo(PAIRS - 2);
  }

  private static boolean isRight(SmartEdit editor, EmojiEdit edit) {
    EditRequest request =
        new EditRequest(edit.source().draw(), edit.instruction(), editor.defaults());
    Image edited = editor.edit(request, EditObserver.NONE).image();
    Sample sample = EmojiSamples.sample("group", "name", edit, SIDE);
    return Judged.of(sample, edited).values().getOrDefault("right", 0.0) > 0;
  }

  private Mixture pairs(List<EmojiEdit> edits) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < edits.size(); i++) {
      write("s" + i + ".png", edits.get(i).source().draw());
      write("t" + i + ".png", edits.get(i).target().draw());
      lines.append(
          "{\"source\": \"s%d.png\", \"target\": \"t%d.png\", \"instruction\": \"%s\"}\n"
              .formatted(i, i, edits.get(i).instruction()));
    }
    Path file = Files.writeString(folder.resolve("pairs.jsonl"), lines);
    return new Mixture(List.of(new Mixture.Share(DataSet.open(file), 1)));
  }

  private void write(String name, Image image) throws IOException {
    Files.write(folder.resolve(name), ImageCodec.encode(image, ImageCodec.Format.PNG));
  }
}
