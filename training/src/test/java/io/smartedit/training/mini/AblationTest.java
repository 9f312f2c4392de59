package io.smartedit.training.mini;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.editor.EditObserver;
import io.smartedit.editor.EditRequest;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.options.Variant;
import io.smartedit.training.emoji.EmojiEdit;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every variant learns, and what it has learned is loaded and edits. */
final class AblationTest {

  private static final Path MINI = Path.of("../models/smartedit-mini");

  @TempDir private Path folder = Path.of("");

  @ParameterizedTest
  @EnumSource
  void aVariantThatLearnedAFewStepsEdits(Variant variant) throws IOException {
    Path model = folder.resolve("model");

    boolean done =
        new Ablation(MINI, model, folder.resolve("work"))
            .run(variant, 2, 2, Precision.FP32, (stage, step, steps, losses, speed) -> {});

    assertThat(done).isTrue();
    SmartEdit.Settings settings = SmartEdit.Settings.DEFAULT;
    try (SmartEdit editor =
        SmartEdit.open(
            model,
            new SmartEdit.Settings(
                variant, settings.encoder(), settings.denoiser(), settings.releaseEncoder()))) {
      EmojiEdit edit = new EmojiEdits(3, Split.HELD_OUT).get(0);
      Image source = edit.source().draw();
      Image edited =
          editor
              .edit(
                  new EditRequest(source, edit.instruction(), editor.defaults()), EditObserver.NONE)
              .image();
      assertThat(edited.rgb()).hasSameSizeAs(source.rgb()).isNotEqualTo(source.rgb());
    }
  }
}
