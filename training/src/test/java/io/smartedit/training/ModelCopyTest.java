package io.smartedit.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.checkpoint.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelCopyTest {

  private static final Path MINI = Path.of("../models/smartedit-mini");

  @TempDir private Path folder = Path.of("");

  @Test
  void asPublishedTheOwnPartsAreTorchArchivesOfTheSameTensors() throws IOException {
    Path copy = folder.resolve("published");

    long bytes = ModelCopy.published(MINI, copy);

    Path own = copy.resolve("smartedit");
    assertThat(files(own))
        .containsExactly(
            "LLM-0/adapter_model.bin",
            "embeddings_qformer/checkpoint-0_embeddings_qformer.bin",
            "modulate-0/adapter_model.bin",
            "unet-0/adapter_model.bin");
    assertThat(files(copy)).contains("clip-vision/model.safetensors");
    assertThat(bytes).isGreaterThan(Files.size(own.resolve("unet-0/adapter_model.bin")));
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TensorFile before =
            TensorFile.open(MINI.resolve("smartedit/modulate-0/model.safetensors"));
        TensorFile after = TensorFile.open(own.resolve("modulate-0/adapter_model.bin"))) {
      assertThat(after.names()).isEqualTo(before.names());
      for (String name : before.names()) {
        assertThat(after.readStored(name, manager)).isEqualTo(before.readStored(name, manager));
      }
    }
    try (SmartEdit editor = SmartEdit.open(copy, SmartEdit.Settings.DEFAULT)) {
      editor.load();
    }
  }

  private static List<String> files(Path root) throws IOException {
    try (Stream<Path> walk = Files.walk(root)) {
      return walk.filter(Files::isRegularFile)
          .map(file -> root.relativize(file).toString())
          .sorted()
          .toList();
    }
  }
}
