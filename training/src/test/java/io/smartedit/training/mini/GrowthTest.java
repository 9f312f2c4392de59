package io.smartedit.training.mini;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.EditObserver;
import io.smartedit.editor.EditRequest;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.clip.VisionEncoder;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.pipeline.NetLoader;
import io.smartedit.editor.vae.Autoencoder;
import io.smartedit.training.Images;
import io.smartedit.training.TrainingObserver;
import io.smartedit.training.emoji.EmojiEdit;
import io.smartedit.training.emoji.EmojiEdit.Backgrounds;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that is grown begins with what the smaller one knows. */
final class GrowthTest {

  private static final Path MINI = Path.of("../models/smartedit-mini");

  @TempDir private static Path folder = Path.of("");

  private static Path small = Path.of("");
  private static Path grown = Path.of("");

  @BeforeAll
  static void grow() throws IOException {
    small = folder.resolve("small");
    grown = folder.resolve("grown");
    FreshModel.create(small, 3);
    GrownModel.create(small, grown, 4);
  }

  @Test
  void theVisionEncoderSeesOfAnyImageWhatTheSmallerSeesOfTheHalvedOne() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      VisionEncoder before = open(small).vision(manager, Precision.FP32);
      VisionEncoder after = open(grown).vision(manager, Precision.FP32);
      NDArray pixels = Images.forClip(manager, scenes(), after.imageSize());

      NDArray features = after.forward(pixels);

      assertThat(after.imageSize()).isEqualTo(2 * before.imageSize());
      assertThat(after.side()).isEqualTo(before.side());
      assertThat(furthest(features, before.forward(GrownAutoencoderStage.halved(pixels))))
          .isLessThan(1e-4f);
    }
  }

  @Test
  void theEncoderSaysOfBlocksOfOneColourWhatTheSmallerSaysOfPixels() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray pixels = Images.forDiffusion(manager, scenes());
      NDArray halved = GrownAutoencoderStage.halved(pixels);

      NDArray latents = autoencoder(grown, manager).moments(halved.repeat(2, 2).repeat(3, 2));

      assertThat(furthest(latents, autoencoder(small, manager).moments(halved))).isLessThan(1e-3f);
    }
  }

  @Test
  void theEncoderIsNotFarFromTheSmallerOneForAnyImage() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray pixels = Images.forDiffusion(manager, scenes());

      NDArray latents = autoencoder(grown, manager).encodeMean(pixels);

      NDArray wanted = autoencoder(small, manager).encodeMean(GrownAutoencoderStage.halved(pixels));
      double error = latents.sub(wanted).square().mean().getFloat();
      assertThat(error).isLessThan(0.1 * wanted.square().mean().getFloat());
    }
  }

  @Test
  void whatTheDecoderPaintsIsHalvedWhatTheSmallerOnePaints() {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDArray latents = manager.randomNormal(new Shape(2, 16, 16, 16));

      NDArray painted = autoencoder(grown, manager).decode(latents);

      NDArray wanted = autoencoder(small, manager).decode(latents);
      assertThat(painted.getShape().get(2)).isEqualTo(2 * wanted.getShape().get(2));
      assertThat(furthest(GrownAutoencoderStage.halved(painted), wanted)).isLessThan(1e-3f);
    }
  }

  @Test
  void aSizeThatIsNotTwiceTheModelsIsRefused() {
    GrowthRecipe recipe =
        new GrowthRecipe(small, folder.resolve("no"), folder.resolve("work"), Precision.FP32);

    assertThatThrownBy(() -> recipe.run(96, 2, new Stopped()))
        .hasMessageContaining("size 96")
        .hasMessageEndingWith("is of 64 pixels and grows to 128");
  }

  @Test
  void aModelOfAnotherSizeInTheWayIsRefused() {
    GrowthRecipe recipe = new GrowthRecipe(small, small, folder.resolve("work"), Precision.FP32);

    assertThatThrownBy(() -> recipe.run(128, 2, new Stopped()))
        .hasMessageEndingWith("is there already and of 64 pixels, not 128");
  }

  @Test
  void aShippedModelGrowsInPiecesAndEditsAtItsNewSize() throws IOException {
    Path model = folder.resolve("model");
    GrowthRecipe recipe = new GrowthRecipe(MINI, model, folder.resolve("work"), Precision.FP32);

    assertThat(recipe.run(128, 1, new Stopped())).isFalse();
    assertThat(recipe.run(128, 1, (stage, step, steps, losses, speed) -> {})).isTrue();

    assertThat(folder.resolve("model.growing")).doesNotExist();
    try (SmartEdit editor = SmartEdit.open(model, SmartEdit.Settings.DEFAULT)) {
      EmojiEdit edit = new EmojiEdits(3, Split.HELD_OUT).get(0);
      Image source = edit.source().drawn(128);
      Image edited =
          editor
              .edit(
                  new EditRequest(source, edit.instruction(), editor.defaults()), EditObserver.NONE)
              .image();
      assertThat(editor.defaults().size()).isEqualTo(128);
      assertThat(edited.rgb()).hasSameSizeAs(source.rgb()).isNotEqualTo(source.rgb());
    }
  }

  private static List<Image> scenes() {
    EmojiEdits edits = new EmojiEdits(5, Split.TRAIN, Backgrounds.TEXTURED);
    return List.of(edits.get(0).source().drawn(128), edits.get(1).source().drawn(128));
  }

  private static Autoencoder autoencoder(Path model, NDManager manager) {
    return open(model).autoencoder(manager, Precision.FP32);
  }

  private static NetLoader open(Path model) {
    return new NetLoader(ModelFolder.open(model), NetLoader.View.STORED);
  }

  private static float furthest(NDArray a, NDArray b) {
    return a.sub(b).abs().max().getFloat();
  }

  private record Stopped() implements TrainingObserver {
    @Override
    public void step(
        String stage, long step, long steps, Map<String, Double> losses, double speed) {}

    @Override
    public boolean isCancelled() {
      return true;
    }
  }
}
