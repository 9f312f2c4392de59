package io.smartedit.editor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.editor.bim.InteractionConfig;
import io.smartedit.editor.bim.OneWayInteraction;
import io.smartedit.editor.checkpoint.Safetensors;
import io.smartedit.editor.clip.ClipConfig;
import io.smartedit.editor.clip.TextEncoder;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.nn.TensorSource;
import io.smartedit.editor.nn.Weights;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.EditOptions.Fit;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.options.Placement;
import io.smartedit.editor.options.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every variant edits from beginning to end; parts the toy lacks are made up. */
final class VariantTest {

  private static final Path TOY = Path.of("src/test/resources/parity/tiny");
  private static final Path TOKENIZER = Path.of("src/test/resources/clip-tokenizer");

  @TempDir private Path folder = Path.of("");

  @BeforeEach
  void copyTheToy() throws IOException {
    try (Stream<Path> files = Files.walk(TOY)) {
      for (Path file : files.toList()) {
        Path copy = folder.resolve(TOY.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(file, copy);
        }
      }
    }
  }

  @Test
  void noInteractionEditsOtherwiseThanSmartEdit() throws IOException {
    byte[] without = edit(Variant.NO_INTERACTION, "remove the cat").rgb();

    assertThat(edit(Variant.NO_INTERACTION, "remove the cat").rgb()).isEqualTo(without);
    assertThat(edit(Variant.SMARTEDIT, "remove the cat").rgb()).isNotEqualTo(without);
  }

  @Test
  void oneWayInteractionReadsItsOwnWeights() throws IOException {
    Path modulate = folder.resolve("smartedit/modulate-15000");
    Files.delete(modulate.resolve("adapter_model.bin"));
    InteractionConfig toy = new InteractionConfig(48, 64, 128, 2, 4, 24);
    write(modulate.resolve("model.safetensors"), w -> OneWayInteraction.load(w, toy));

    byte[] first = edit(Variant.ONE_WAY, "remove the cat").rgb();

    assertThat(edit(Variant.ONE_WAY, "remove the cat").rgb()).isEqualTo(first);
    assertThat(edit(Variant.ONE_WAY, "remove the dog").rgb()).isNotEqualTo(first);
    assertThat(edit(Variant.NO_INTERACTION, "remove the cat").rgb()).isNotEqualTo(first);
  }

  @Test
  void instructPix2PixReadsTheInstructionWithClip() throws IOException {
    Path diffusion = folder.resolve("instruct-pix2pix");
    Path tokenizer = Files.createDirectories(diffusion.resolve("tokenizer"));
    Files.copy(TOKENIZER.resolve("vocab.json"), tokenizer.resolve("vocab.json"));
    Files.copy(TOKENIZER.resolve("merges.txt"), tokenizer.resolve("merges.txt"));
    ObjectMapper json = new ObjectMapper();
    int vocabulary = json.readTree(TOKENIZER.resolve("vocab.json").toFile()).size();
    Path config = diffusion.resolve("text_encoder/config.json");
    json.writeValue(
        config.toFile(),
        ((ObjectNode) json.readTree(config.toFile())).put("vocab_size", vocabulary));
    write(
        diffusion.resolve("text_encoder/model.safetensors"),
        w -> TextEncoder.load(w, new ClipConfig(48, 192, 2, 4, 1e-5), vocabulary, 77));

    byte[] first = edit(Variant.INSTRUCT_PIX2PIX, "remove the cat").rgb();

    assertThat(edit(Variant.INSTRUCT_PIX2PIX, "remove the cat").rgb()).isEqualTo(first);
    assertThat(edit(Variant.INSTRUCT_PIX2PIX, "remove the smaller cat").rgb()).isNotEqualTo(first);
    assertThatThrownBy(() -> edit(Variant.INSTRUCT_PIX2PIX, "cat ".repeat(100)))
        .isInstanceOf(BadRequestException.class)
        .hasMessageContaining("room for 77");
  }

  private Image edit(Variant variant, String instruction) throws IOException {
    SmartEdit.Settings settings =
        new SmartEdit.Settings(variant, Placement.CPU, Placement.CPU, false);
    Image source =
        ImageCodec.decode(Files.readAllBytes(TOY.resolve("source.png")), ImageLimits.DEFAULT);
    EditOptions options = new EditOptions(3, Guidance.DEFAULT, 1, 64, Fit.SQUARE, false);
    try (SmartEdit editor = SmartEdit.open(folder, settings)) {
      return editor.edit(new EditRequest(source, instruction, options), EditObserver.NONE).image();
    }
  }

  /** Random weights of a net, heard by letting it load from nothing. */
  private static void write(Path file, Consumer<Weights> load) throws IOException {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      manager.getEngine().setRandomSeed(3);
      Weights survey = Weights.survey(TensorSource.NONE, manager);
      load.accept(survey);
      Map<String, NDArray> arrays = new LinkedHashMap<>();
      survey
          .expected()
          .forEach(
              (name, shape) ->
                  arrays.put(name, manager.randomNormal(0, 0.2f, shape, DataType.FLOAT32)));
      assertThat(List.copyOf(arrays.keySet())).isNotEmpty();
      Safetensors.write(file, arrays, Map.of());
    }
  }
}
