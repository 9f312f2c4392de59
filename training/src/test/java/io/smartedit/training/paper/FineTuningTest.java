package io.smartedit.training.paper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.checkpoint.TensorFile;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.llama.Llama;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.pipeline.NetLoader;
import io.smartedit.editor.text.LlamaTokenizer;
import io.smartedit.editor.text.PromptTemplate;
import io.smartedit.training.Stage;
import io.smartedit.training.TrainingObserver;
import io.smartedit.training.data.DataSet;
import io.smartedit.training.data.Example;
import io.smartedit.training.data.Mixture;
import io.smartedit.training.emoji.EmojiEdit;
import io.smartedit.training.emoji.EmojiEdits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The paper's stages on the toy, whose files are torch archives with adapters. */
final class FineTuningTest {

  private static final Path TOY = Path.of("../editor/src/test/resources/parity/tiny");
  private static final int SIDE = 64;

  @TempDir private Path folder = Path.of("");

  @Test
  void lessonsAreTheConversationTheReferenceWasTrainedOn() throws IOException {
    String instruction =
        new ObjectMapper()
            .readTree(TOY.resolve("config.json").toFile())
            .path("instruction")
            .asText();
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TensorFile golden = TensorFile.open(TOY.resolve("training.safetensors"));
        LlamaTokenizer tokenizer = tokenizer(manager)) {
      Image image = new EmojiEdits(1, EmojiEdit.Split.TRAIN).get(0).source().draw();
      Lesson lesson = new Lessons(tokenizer, SIDE).edit(image, image, instruction);

      int[] ids = golden.readStored("input_ids", manager).toIntArray();
      // The toy's tokenizer has no </s>, which the reference therefore spelled out.
      int same = tokenizer.encode(PromptTemplate.render(instruction)).length;
      assertThat(Arrays.copyOf(lesson.text().ids(), same))
          .containsExactly(Arrays.copyOf(ids, same));
      long[] labels =
          Arrays.stream(golden.readStored("labels", manager).toIntArray()).asLongStream().toArray();
      int patches = labels.length - ids.length;
      assertThat(Arrays.copyOf(lesson.text().labels(), same))
          .containsExactly(Arrays.copyOfRange(labels, patches, patches + same));
      assertThat(lesson.text().ids()).hasSize(same + 1).endsWith(2);
      assertThatThrownBy(() -> new Lessons(tokenizer, SIDE).edit(image, image, "a <img_3>"))
          .hasMessageContaining("only the template may write");
    }
  }

  @Test
  void aTalkIsLearnedWhereTheAssistantSpeaks() throws IOException {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        LlamaTokenizer tokenizer = tokenizer(manager)) {
      Example.Talk talk =
          new Example.Talk(
              image("talk.png", 3),
              List.of(
                  new Example.Turn("What is it?", "A cat."), new Example.Turn("Sure?", "Yes.")));
      Lesson lesson = new Lessons(tokenizer, SIDE).of(talk, new SplittableRandom(1));

      List<Integer> said = new ArrayList<>();
      for (int i = 0; i < lesson.text().ids().length; i++) {
        if (lesson.text().labels()[i] >= 0) {
          assertThat(lesson.text().labels()[i]).isEqualTo(lesson.text().ids()[i]);
          said.add(lesson.text().ids()[i]);
        }
      }
      List<Integer> expected = new ArrayList<>();
      for (String answer : List.of("A cat.", "Yes.")) {
        Arrays.stream(tokenizer.encode(answer)).skip(1).forEach(expected::add);
        expected.add(2);
      }
      assertThat(said).isEqualTo(expected);
      assertThat(lesson.target()).isEmpty();
    }
  }

  @Test
  void aSegmentIsPaintedWhereItsMaskIsBright() throws IOException {
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        LlamaTokenizer tokenizer = tokenizer(manager)) {
      byte[] half = new byte[SIDE * SIDE * 3];
      Arrays.fill(half, half.length / 2, half.length, (byte) 255);
      Path source = image("source.png", 4);
      Path mask = write("mask.png", new Image(SIDE, SIDE, half));
      Lesson lesson =
          new Lessons(tokenizer, SIDE)
              .of(new Example.Segment(source, mask, "the lower half"), new SplittableRandom(1));

      byte[] target = lesson.target().orElseThrow().rgb();
      byte[] before = lesson.image().rgb();
      assertThat(Arrays.copyOf(target, half.length / 2))
          .containsExactly(Arrays.copyOf(before, half.length / 2));
      byte[] colour = Arrays.copyOfRange(target, half.length - 3, half.length);
      for (int i = half.length / 2; i < half.length; i += 3) {
        assertThat(Arrays.copyOfRange(target, i, i + 3)).containsExactly(colour);
      }
    }
  }

  @Test
  void bothStagesLearnAndLeaveAModelThatLoads() throws IOException {
    Mixture examples = examples();
    for (boolean interaction : List.of(false, true)) {
      Path to = folder.resolve("model-" + interaction);
      List<Map<String, Double>> losses = new ArrayList<>();
      TrainingObserver observer =
          (stage, step, steps, means, speed) -> losses.add(Map.copyOf(means));

      boolean done =
          new FineTuning(TOY, to, folder.resolve("work"))
              .run(
                  examples,
                  new Stage.Plan(6, 3, 5e-3, 0),
                  new PaperStage.Settings(interaction, SIDE, Precision.FP32),
                  observer);

      assertThat(done).isTrue();
      double first = losses.get(0).getOrDefault("language", Double.NaN);
      double last = losses.get(losses.size() - 1).getOrDefault("language", Double.NaN);
      assertThat(last).isLessThan(first);
      assertThat(changed(to, "modulate-15000")).isEqualTo(interaction);
      assertThat(changed(to, "unet-15000")).isTrue();
      assertThatOnlyAdaptersAndNewRowsChanged(to);
      assertThat(folder.resolve("work/stage-" + (interaction ? 3 : 2) + "/samples.png")).exists();
    }
  }

  private static boolean changed(Path model, String part) {
    try (TensorFile before =
            TensorFile.open(TOY.resolve("smartedit/" + part + "/adapter_model.bin"));
        NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Path file = model.resolve("smartedit/" + part + "/adapter_model.safetensors");
      if (!Files.exists(file)) {
        return false;
      }
      try (TensorFile after = TensorFile.open(file)) {
        assertThat(after.names()).containsExactlyInAnyOrderElementsOf(before.names());
        return before.names().stream().anyMatch(name -> differs(before, after, name, manager));
      }
    }
  }

  private static void assertThatOnlyAdaptersAndNewRowsChanged(Path model) {
    String llm = "smartedit/LLM-15000/adapter_model.";
    try (TensorFile before = TensorFile.open(TOY.resolve(llm + "bin"));
        TensorFile after = TensorFile.open(model.resolve(llm + "safetensors"));
        NDManager manager = NDManager.newBaseManager("PyTorch")) {
      for (String name : before.names()) {
        boolean learned = name.contains("lora_") || name.endsWith("embed_tokens.weight");
        assertThat(differs(before, after, name, manager)).as(name).isEqualTo(learned);
        if (name.endsWith("embed_tokens.weight")) {
          long old = before.shape(name).get(0) - 35;
          assertThat(after.read(name, manager, Precision.FP32).get(":" + old))
              .isEqualTo(before.read(name, manager, Precision.FP32).get(":" + old));
        }
      }
    }
  }

  private static boolean differs(
      TensorFile before, TensorFile after, String name, NDManager manager) {
    return before.dataType(name).isFloating()
        && !before
            .read(name, manager, Precision.FP32)
            .contentEquals(after.read(name, manager, Precision.FP32));
  }

  private Mixture examples() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 4; i++) {
      EmojiEdit edit = new EmojiEdits(5, EmojiEdit.Split.TRAIN).get(i);
      write("s" + i + ".png", edit.source().draw());
      write("t" + i + ".png", edit.target().draw());
      lines.append(
          "{\"source\": \"s%d.png\", \"target\": \"t%d.png\", \"instruction\": \"%s\"}\n"
              .formatted(i, i, edit.instruction()));
    }
    Path talks = folder.resolve("talks.json");
    Files.writeString(
        talks,
        """
        [{"image": "s0.png", "conversations": [
          {"from": "human", "value": "<image>\\nWhat is it?"}, {"from": "gpt", "value": "A cat."}]}]
        """);
    Path pairs = Files.writeString(folder.resolve("pairs.jsonl"), lines);
    return new Mixture(
        List.of(
            new Mixture.Share(DataSet.open(pairs), 3), new Mixture.Share(DataSet.open(talks), 1)));
  }

  private static LlamaTokenizer tokenizer(NDManager manager) throws IOException {
    NetLoader nets = new NetLoader(ModelFolder.open(TOY), NetLoader.View.STORED);
    Llama llama = nets.llama(manager, Precision.FP32);
    return nets.tokenizer(llama);
  }

  private Path image(String name, int index) throws IOException {
    return write(name, new EmojiEdits(1, EmojiEdit.Split.TRAIN).get(index).source().draw());
  }

  private Path write(String name, Image image) throws IOException {
    return Files.write(folder.resolve(name), ImageCodec.encode(image, ImageCodec.Format.PNG));
  }
}
