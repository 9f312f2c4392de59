package io.smartedit.editor.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.EditObserver;
import io.smartedit.editor.EditRequest;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.NotANumberException;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.pipeline.Doctor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Model folders as downloads, links and copies leave them. */
final class FoldersOfTheWildTest {

  private static final Path TINY = Path.of("src/test/resources/parity/tiny");
  private static final String VAE = "instruct-pix2pix/vae";
  private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";
  private static final String POINTER =
      "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935\nsize 334643276\n";

  @TempDir private Path place = Path.of("");
  private Path model = Path.of("");

  @BeforeEach
  void copy() throws IOException {
    model = place.resolve("model");
    try (Stream<Path> files = Files.walk(TINY)) {
      for (Path file : files.toList()) {
        Path to = model.resolve(TINY.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else {
          Files.copy(file, to);
        }
      }
    }
  }

  @Test
  void partsBehindLinksAreFound() throws IOException {
    Path elsewhere = Files.createDirectories(place.resolve("links"));
    try (Stream<Path> parts = Files.list(model)) {
      for (Path part : parts.filter(Files::isDirectory).toList()) {
        Files.createSymbolicLink(elsewhere.resolve(part.getFileName().toString()), part);
      }
    }
    Files.createSymbolicLink(elsewhere.resolve("again"), elsewhere);
    Files.createSymbolicLink(elsewhere.resolve("nowhere"), place.resolve("gone"));
    Files.copy(model.resolve("config.json"), elsewhere.resolve("config.json"));

    assertRuns(elsewhere);
  }

  @Test
  void filesThatLinkToBlobsAreRead() throws IOException {
    Path blob = Files.createDirectories(place.resolve("blobs")).resolve("4d7a2146");
    Path file = model.resolve(VAE).resolve(WEIGHTS);
    Files.move(file, blob);
    Files.createSymbolicLink(file, blob);

    assertRuns(model);
  }

  @Test
  void aPartUnderTwoNamesIsOne() throws IOException {
    Files.createSymbolicLink(
        Files.createDirectories(model.resolve("copy")).resolve("LLM-15000"),
        model.resolve("smartedit/LLM-15000").toAbsolutePath());

    assertRuns(model);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "diffusion_pytorch_model.fp16.safetensors",
        "diffusion_pytorch_model.bf16.safetensors",
        "model.fp16.safetensors",
        "adapter_model.safetensors",
        "whatever.safetensors"
      })
  void namesOfVariantsAreKnown(String name) throws IOException {
    Path file = model.resolve(VAE).resolve(WEIGHTS);
    Files.move(file, file.resolveSibling(name));

    assertRuns(model);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "diffusion_pytorch_model.safetensors.index.json",
        "diffusion_pytorch_model.safetensors.index.fp16.json",
        "model.safetensors.index.json"
      })
  void shardsOfDiffusersAreRead(String index) throws IOException {
    shard(model.resolve(VAE), index);

    assertRuns(model);
  }

  @Test
  void safetensorsArePreferredAndFullPrecisionToHalf() throws IOException {
    Path vae = model.resolve(VAE);
    for (String name :
        List.of(
            "diffusion_pytorch_model.bin",
            "diffusion_pytorch_model.fp16.bin",
            "diffusion_pytorch_model.fp16.safetensors",
            "diffusion_pytorch_model.non_ema.safetensors")) {
      Files.writeString(vae.resolve(name), "not read");
    }

    assertThat(ModelFolder.weights(vae)).hasValue(vae.resolve(WEIGHTS));
    assertRuns(model);
  }

  @Test
  void anIndexWhoseShardsAreAwayGivesWayToAFile() throws IOException {
    Path vae = model.resolve(VAE);
    Files.writeString(
        vae.resolve("diffusion_pytorch_model.safetensors.index.json"),
        "{\"weight_map\": {\"a\": \"diffusion_pytorch_model-00001-of-00002.safetensors\"}}");

    assertRuns(model);
  }

  @Test
  void companionsAreNoParts() throws IOException {
    for (String folder :
        List.of(".cache/huggingface/download/LLM-15000", ".git/unet-1", "__MACOSX/modulate-1")) {
      Files.createDirectories(model.resolve(folder));
    }
    for (String file :
        List.of(
            ".DS_Store",
            ".gitattributes",
            "smartedit/embeddings_qformer/._checkpoint-15000_embeddings_qformer.bin",
            "smartedit/LLM-15000/._adapter_model.bin",
            "vicuna/._tokenizer.model",
            "__MACOSX/tokenizer.model",
            VAE + "/._" + WEIGHTS)) {
      Files.writeString(model.resolve(file), "Mac OS X");
    }

    assertRuns(model);
  }

  @Test
  void pointersAreCalledWhatTheyAre() throws IOException {
    Path file = model.resolve(VAE).resolve(WEIGHTS);
    Files.writeString(file, POINTER);
    Files.writeString(tokenizer(), POINTER);
    Files.writeString(model.resolve("clip-vision/config.json"), POINTER);

    List<String> problems =
        Doctor.examine(model, Variant.SMARTEDIT).parts().stream()
            .flatMap(part -> part.problems().stream())
            .toList();

    assertThat(problems).anyMatch(problem -> says(problem, WEIGHTS));
    assertThat(problems).anyMatch(problem -> says(problem, "tokenizer.model"));
    assertThat(problems).anyMatch(problem -> says(problem, "config.json"));
  }

  @Test
  void aPointerGivesWayToTheFileBesideIt() throws IOException {
    Path file = model.resolve(VAE).resolve(WEIGHTS);
    Files.copy(file, file.resolveSibling("diffusion_pytorch_model.fp16.safetensors"));
    Files.writeString(file, POINTER);

    assertRuns(model);
  }

  @Test
  void aLinkToNowhereIsCalledSo() throws IOException {
    Path file = model.resolve(VAE).resolve(WEIGHTS);
    Files.delete(file);
    Files.createSymbolicLink(file, place.resolve("gone"));

    assertThatThrownBy(() -> TensorFiles.open(ModelFolder.weights(model.resolve(VAE)).get()))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("is a link to a file that is not there");
  }

  @ParameterizedTest
  @ValueSource(strings = {VAE, "instruct-pix2pix/text_encoder", "clip-vision"})
  void whatIsNoNumberFailsTheEdit(String part) throws IOException {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      spoil(ModelFolder.weights(model.resolve(part)).orElseThrow(), bad);
      EditOptions options =
          new EditOptions(2, Guidance.DEFAULT, 0, 64, EditOptions.Fit.SQUARE, false, true);
      Image source = new Image(8, 8, new byte[3 * 8 * 8]);

      try (SmartEdit editor = SmartEdit.open(model, SmartEdit.Settings.DEFAULT)) {
        assertThatThrownBy(
                () ->
                    editor.edit(new EditRequest(source, "make it red", options), EditObserver.NONE))
            .isInstanceOf(NotANumberException.class)
            .hasMessageContaining("not finite numbers");
      }
    }
  }

  private static boolean says(String problem, String file) {
    return problem.contains(file) && problem.contains("Git LFS pointer");
  }

  private Path tokenizer() throws IOException {
    try (Stream<Path> files = Files.walk(model)) {
      return files.filter(file -> file.endsWith("tokenizer.model")).findFirst().orElseThrow();
    }
  }

  private static void assertRuns(Path folder) {
    Doctor.Report report = Doctor.examine(folder, Variant.SMARTEDIT);

    assertThat(report.parts().stream().flatMap(part -> part.problems().stream())).isEmpty();
    assertThat(report.canRun()).isTrue();
  }

  /** The last bytes of a file's last tensor of floats become a number that is none. */
  private static void spoil(Path file, float bad) throws IOException {
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TensorFile tensors = TensorFile.open(file)) {
      for (String name : tensors.names()) {
        NDArray array = tensors.readStored(name, manager);
        if (name.endsWith(".weight")) {
          ByteBuffer bytes = array.toByteBuffer().order(ByteOrder.nativeOrder());
          bytes.putFloat(0, bad);
          array = manager.create(bytes, array.getShape(), array.getDataType());
        }
        arrays.put(name, array);
      }
      Safetensors.write(file, arrays, Map.of());
    }
  }

  private static void shard(Path folder, String index) throws IOException {
    Path file = folder.resolve(WEIGHTS);
    StringBuilder map = new StringBuilder();
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TensorFile tensors = TensorFile.open(file)) {
      List<Map<String, NDArray>> shards = List.of(new LinkedHashMap<>(), new LinkedHashMap<>());
      for (String name : tensors.names()) {
        int shard = Math.floorMod(name.hashCode(), 2);
        shards.get(shard).put(name, tensors.readStored(name, manager));
        map.append(map.isEmpty() ? "" : ", ")
            .append("\"%s\": \"shard-%d.safetensors\"".formatted(name, shard));
      }
      for (int i = 0; i < 2; i++) {
        Safetensors.write(folder.resolve("shard-" + i + ".safetensors"), shards.get(i), Map.of());
      }
    }
    Files.delete(file);
    Files.writeString(folder.resolve(index), "{\"weight_map\": {" + map + "}}");
  }
}
