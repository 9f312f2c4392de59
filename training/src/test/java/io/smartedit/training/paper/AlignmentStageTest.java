package io.smartedit.training.paper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.editor.checkpoint.Safetensors;
import io.smartedit.editor.checkpoint.TensorFile;
import io.smartedit.editor.clip.ClipConfig;
import io.smartedit.editor.clip.TextEncoder;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.TensorSource;
import io.smartedit.editor.nn.Weights;
import io.smartedit.training.ModelCopy;
import io.smartedit.training.Stage;
import io.smartedit.training.data.DataSet;
import io.smartedit.training.data.Mixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first stage on the toy, with a text encoder that has a vocabulary of words. */
final class AlignmentStageTest {

  private static final Path RESOURCES = Path.of("../editor/src/test/resources");
  private static final String SUMMARY =
      "smartedit/embeddings_qformer/checkpoint-15000_embeddings_qformer.";
  private static final int ADDED = 35;

  @TempDir private Path folder = Path.of("");
  private Path model = folder;

  @BeforeEach
  void giveTheToyWords() throws IOException {
    model = folder.resolve("toy");
    ModelCopy.exact(RESOURCES.resolve("parity/tiny"), model);
    Path diffusion = model.resolve("instruct-pix2pix");
    Path tokenizer = Files.createDirectories(diffusion.resolve("tokenizer"));
    for (String file : List.of("vocab.json", "merges.txt")) {
      Files.copy(RESOURCES.resolve("clip-tokenizer").resolve(file), tokenizer.resolve(file));
    }
    ObjectMapper json = new ObjectMapper();
    int vocabulary = json.readTree(tokenizer.resolve("vocab.json").toFile()).size();
    Path config = diffusion.resolve("text_encoder/config.json");
    ObjectNode values = (ObjectNode) json.readTree(config.toFile());
    json.writeValue(config.toFile(), values.put("vocab_size", vocabulary));
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      manager.getEngine().setRandomSeed(3);
      Weights survey = Weights.survey(TensorSource.NONE, manager);
      TextEncoder.load(survey, new ClipConfig(48, 192, 2, 4, 1e-5), vocabulary, 77);
      Map<String, NDArray> arrays = new LinkedHashMap<>();
      survey
          .expected()
          .forEach(
              (name, shape) ->
                  arrays.put(name, manager.randomNormal(0, 0.2f, shape, DataType.FLOAT32)));
      Safetensors.write(diffusion.resolve("text_encoder/model.safetensors"), arrays, Map.of());
    }
  }

  @Test
  void captionsTeachTheQFormerAndTheNewRows() throws IOException {
    Path tsv = folder.resolve("cc12m.tsv");
    Files.writeString(tsv, "https://example.org/1.jpg\ta cat\nhttps://example.org/2.jpg\ta dog\n");
    List<Map<String, Double>> losses = new ArrayList<>();
    Path to = folder.resolve("aligned");

    boolean done =
        new FineTuning(model, to, folder.resolve("work"))
            .align(
                of(tsv),
                new Stage.Plan(12, 2, 2, 5e-3, 0),
                (stage, step, steps, means, speed) -> losses.add(Map.copyOf(means)));

    assertThat(done).isTrue();
    for (String part : List.of("alignment", "language")) {
      double first = losses.get(0).getOrDefault(part, Double.NaN);
      assertThat(losses.get(losses.size() - 1).get(part)).as(part).isLessThan(first);
    }
    assertThatOnlyNewRowsChanged(to, "smartedit/LLM-15000/adapter_model.");
    assertThatOnlyNewRowsChanged(to, SUMMARY);
  }

  @Test
  void everyStageRefusesTheOthersExamples() throws IOException {
    Path captions = Files.writeString(folder.resolve("c.jsonl"), "{\"caption\": \"a cat\"}\n");
    Path pairs =
        Files.writeString(
            folder.resolve("p.jsonl"),
            "{\"source\": \"a.png\", \"target\": \"b.png\", \"instruction\": \"remove it\"}\n");
    FineTuning tuning = new FineTuning(model, folder.resolve("to"), folder.resolve("work"));
    Stage.Plan plan = new Stage.Plan(1, 1, 1e-3, 0);

    assertThatThrownBy(() -> tuning.align(of(pairs), plan, (a, b, c, d, e) -> {}))
        .hasMessageContaining("p.jsonl")
        .hasMessageContaining("stage-1");
    PaperStage.Settings settings = new PaperStage.Settings(true, 64, Precision.FP32);
    assertThatThrownBy(() -> tuning.run(of(captions), plan, settings, (a, b, c, d, e) -> {}))
        .hasMessageContaining("c.jsonl")
        .hasMessageContaining("stage-3");
  }

  private static Mixture of(Path file) throws IOException {
    return new Mixture(List.of(new Mixture.Share(DataSet.open(file), 1)));
  }

  private void assertThatOnlyNewRowsChanged(Path to, String part) {
    try (TensorFile before = TensorFile.open(model.resolve(part + "bin"));
        TensorFile after = TensorFile.open(to.resolve(part + "safetensors"));
        NDManager manager = NDManager.newBaseManager("PyTorch")) {
      int changed = 0;
      for (String name : before.names()) {
        if (!before.dataType(name).isFloating()) {
          continue;
        }
        NDArray old = before.read(name, manager, Precision.FP32);
        NDArray now = after.read(name, manager, Precision.FP32);
        boolean table = name.endsWith("embed_tokens.weight") || name.endsWith("lm_head.weight");
        boolean learned = table || name.contains("sd_q");
        assertThat(old.contentEquals(now)).as(name).isEqualTo(!learned);
        changed += learned ? 1 : 0;
        if (table) {
          String rows = ":" + (old.getShape().get(0) - ADDED);
          assertThat(now.get(rows)).as(name).isEqualTo(old.get(rows));
        }
      }
      assertThat(changed).isPositive();
    }
  }
}
