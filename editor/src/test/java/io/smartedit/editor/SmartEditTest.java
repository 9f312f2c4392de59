package io.smartedit.editor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.smartedit.editor.image.FullImage;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.image.Metadata;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.EditOptions.Fit;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.options.Placement;
import io.smartedit.editor.options.Variant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The whole pipeline on the toy checkpoint. */
final class SmartEditTest {

  private static final Path TOY = Path.of("src/test/resources/parity/tiny");
  private static final String INSTRUCTION = "Please remove the smaller cat.";

  @Test
  void theSameRequestGivesTheSameImage() {
    try (SmartEdit editor = SmartEdit.open(TOY, SmartEdit.Settings.DEFAULT)) {
      byte[] first = edit(editor, options(4, 7)).rgb();

      assertThat(edit(editor, options(4, 7)).rgb()).isEqualTo(first);
      assertThat(edit(editor, options(4, 8)).rgb()).isNotEqualTo(first);
    }
  }

  @Test
  void editsThatShareABatchEqualTheirSoloRuns() {
    List<EditOptions> all =
        List.of(
            options(3, 1),
            new EditOptions(6, new Guidance(2, 1), 2, 64, Fit.SQUARE, false),
            new EditOptions(5, new Guidance(9, 2), 3, 64, Fit.SQUARE, false),
            new EditOptions(4, Guidance.DEFAULT, 4, 48, Fit.ASPECT, false));
    try (SmartEdit editor = SmartEdit.open(TOY, SmartEdit.Settings.DEFAULT)) {
      List<float[]> solo = all.stream().map(options -> latents(editor, options)).toList();

      List<float[]> together = latentsOfStaggeredBatch(editor, all);

      for (int i = 0; i < all.size(); i++) {
        assertThat(relativeDifference(together.get(i), solo.get(i)))
            .as("edit " + i)
            .isLessThan(1e-4);
      }
    }
  }

  @Test
  void variantsAreReadOnceAndEqualTheirSoloRuns() {
    List<EditObserver.Stage> stages = new ArrayList<>();
    EditObserver observer =
        new EditObserver() {
          @Override
          public void stage(Stage stage) {
            stages.add(stage);
          }
        };
    try (SmartEdit editor = SmartEdit.open(TOY, SmartEdit.Settings.DEFAULT)) {
      EditRequest request = new EditRequest(source(), INSTRUCTION, options(3, Long.MAX_VALUE - 1));

      List<SmartEdit.Edit> edits = editor.begin(editor.prepare(request), 2, observer);
      while (!edits.get(0).isDone()) {
        editor.step(edits);
      }

      assertThat(stages).containsOnlyOnce(EditObserver.Stage.READING);
      for (int i = 0; i < 2; i++) {
        float[] solo = latents(editor, options(3, Long.MAX_VALUE - 1 + i));
        assertThat(relativeDifference(edits.get(i).slot.latents().toFloatArray(), solo))
            .isLessThan(1e-4);
        edits.get(i).close();
      }
    }
  }

  @Test
  void aspectKeepsProportionsAndRestoreTheSize() {
    try (SmartEdit editor = SmartEdit.open(TOY, SmartEdit.Settings.DEFAULT)) {
      EditOptions aspect = new EditOptions(2, Guidance.DEFAULT, 0, 64, Fit.ASPECT, false);
      EditOptions restored = new EditOptions(2, Guidance.DEFAULT, 0, 64, Fit.ASPECT, true);

      assertThat(edit(editor, aspect)).hasToString("Image[72x56]");
      assertThat(edit(editor, restored)).hasToString("Image[97x75]");
      assertThat(edit(editor, options(2, 0))).hasToString("Image[64x64]");
    }
  }

  @Test
  void whatLayBesideTheSourcesPixelsIsInTheModelsOwnImageToo() {
    Metadata metadata = new Metadata(new byte[8], new byte[2], new byte[3], null);
    try (SmartEdit editor = SmartEdit.open(TOY, SmartEdit.Settings.DEFAULT)) {
      EditRequest request =
          new EditRequest(FullImage.of(source(), metadata), INSTRUCTION, options(2, 0), null);

      assertThat(editor.edit(request, EditObserver.NONE).full().metadata()).isEqualTo(metadata);
    }
  }

  @Test
  void aReleasedReaderIsReadAgainAndChangesNothing() {
    SmartEdit.Settings releasing =
        new SmartEdit.Settings(Variant.SMARTEDIT, Placement.CPU, Placement.CPU, true);
    try (SmartEdit kept = SmartEdit.open(TOY, SmartEdit.Settings.DEFAULT);
        SmartEdit released = SmartEdit.open(TOY, releasing)) {
      byte[] expected = edit(kept, options(2, 0)).rgb();

      assertThat(edit(released, options(2, 0)).rgb()).isEqualTo(expected);
      assertThat(edit(released, options(2, 0)).rgb()).isEqualTo(expected);
    }
  }

  @Test
  void lowerPrecisionsStayClose() {
    Placement brain = new Placement(Device.cpu(), Precision.BF16);
    SmartEdit.Settings low = new SmartEdit.Settings(Variant.SMARTEDIT, brain, brain, false);
    try (SmartEdit exact = SmartEdit.open(TOY, SmartEdit.Settings.DEFAULT);
        SmartEdit rough = SmartEdit.open(TOY, low)) {
      EditOptions gentle = new EditOptions(2, new Guidance(1, 1), 0, 64, Fit.SQUARE, false);

      assertThat(relativeDifference(latents(rough, gentle), latents(exact, gentle)))
          .isBetween(1e-6, 0.1);
    }
  }

  @Test
  void withoutInteractionIsAnotherModel() {
    SmartEdit.Settings ablation =
        new SmartEdit.Settings(Variant.NO_INTERACTION, Placement.CPU, Placement.CPU, false);
    try (SmartEdit full = SmartEdit.open(TOY, SmartEdit.Settings.DEFAULT);
        SmartEdit without = SmartEdit.open(TOY, ablation)) {
      assertThat(relativeDifference(latents(without, options(2, 0)), latents(full, options(2, 0))))
          .isGreaterThan(1e-3);
    }
  }

  @Test
  void cancellingEndsBetweenSteps() {
    int[] seen = {0};
    EditObserver observer =
        new EditObserver() {
          @Override
          public void step(int done, int steps) {
            seen[0] = done;
          }

          @Override
          public boolean isCancelled() {
            return seen[0] == 3;
          }
        };
    try (SmartEdit editor = SmartEdit.open(TOY, SmartEdit.Settings.DEFAULT)) {
      EditRequest request = new EditRequest(source(), INSTRUCTION, options(10, 0));

      assertThatThrownBy(() -> editor.edit(request, observer))
          .isInstanceOf(EditCancelledException.class)
          .hasMessage("cancelled after 3 of 10 steps");
    }
  }

  @Test
  void instructionsThatCannotBeReadAreRefused() {
    try (SmartEdit editor = SmartEdit.open(TOY, SmartEdit.Settings.DEFAULT)) {
      assertThatThrownBy(() -> editor.check(" \n ")).hasMessage("instruction is empty");
      assertThatThrownBy(() -> editor.check("make it <img_3>")).hasMessageContaining("reserved");
      assertThatThrownBy(() -> editor.check("word ".repeat(790)))
          .isInstanceOf(BadRequestException.class)
          .hasMessageContaining("the model has room for");
      assertThatThrownBy(() -> editor.check("x".repeat(100_000)))
          .hasMessageContaining("the model has room for");
    }
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> options(0, 0)).hasMessageContaining("steps is 0");
    assertThatThrownBy(() -> new EditOptions(1, Guidance.DEFAULT, 0, 65, Fit.SQUARE, false))
        .hasMessageContaining("size is 65");
    assertThatThrownBy(() -> new Guidance(Double.NaN, 1)).hasMessageContaining("guidance is NaN");
    assertThatThrownBy(() -> new Guidance(1, -1)).hasMessageContaining("image guidance is -1");
    try (SmartEdit editor = SmartEdit.open(TOY, SmartEdit.Settings.DEFAULT)) {
      EditRequest request = new EditRequest(source(), "edit", options(1001, 0));
      assertThatThrownBy(() -> editor.prepare(request))
          .hasMessage("steps is 1001, the model has 1000");
    }
  }

  /** Edits join one step apart and leave when they are done. */
  private static List<float[]> latentsOfStaggeredBatch(SmartEdit editor, List<EditOptions> all) {
    float[][] results = new float[all.size()][];
    List<SmartEdit.Edit> edits = new ArrayList<>();
    for (EditOptions options : all) {
      edits.add(begin(editor, options));
      editor.step(edits.stream().filter(edit -> !edit.isDone()).toList());
    }
    while (edits.stream().anyMatch(edit -> !edit.isDone())) {
      editor.step(edits.stream().filter(edit -> !edit.isDone()).toList());
    }
    for (int i = 0; i < results.length; i++) {
      results[i] = edits.get(i).slot.latents().toFloatArray();
      edits.get(i).close();
    }
    return Arrays.asList(results);
  }

  private static float[] latents(SmartEdit editor, EditOptions options) {
    try (SmartEdit.Edit edit = begin(editor, options)) {
      while (!edit.isDone()) {
        editor.step(List.of(edit));
      }
      return edit.slot.latents().toFloatArray();
    }
  }

  private static SmartEdit.Edit begin(SmartEdit editor, EditOptions options) {
    return editor.begin(new EditRequest(source(), INSTRUCTION, options), EditObserver.NONE);
  }

  private static Image edit(SmartEdit editor, EditOptions options) {
    EditRequest request = new EditRequest(source(), INSTRUCTION, options);
    return editor.edit(request, EditObserver.NONE).image();
  }

  private static EditOptions options(int steps, long seed) {
    return new EditOptions(steps, Guidance.DEFAULT, seed, 64, Fit.SQUARE, false);
  }

  private static double relativeDifference(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
    }
    return difference / largest;
  }

  private static Image source() {
    try {
      return ImageCodec.decode(Files.readAllBytes(TOY.resolve("source.png")), ImageLimits.DEFAULT);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
