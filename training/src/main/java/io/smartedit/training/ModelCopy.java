package io.smartedit.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.smartedit.editor.checkpoint.Safetensors;
import io.smartedit.editor.checkpoint.TensorFile;
import io.smartedit.editor.checkpoint.TorchArchiveWriter;
import io.smartedit.editor.nn.Precision;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Copies of a model folder, whole or not at all. */
public final class ModelCopy {

  private static final String SAFETENSORS = ".safetensors";
  private static final String QFORMER = "embeddings_qformer";
  private static final Pattern OWN_PART = Pattern.compile("(?:LLM|unet|modulate)-\\d+|" + QFORMER);

  private ModelCopy() {}

  /** Writes a file of the copy. */
  @FunctionalInterface
  private interface FileCopy {
    void copy(Path from, Path to) throws IOException;
  }

  /**
   * Every file as it is.
   *
   * @param to does not exist
   * @throws FileAlreadyExistsException where there is something already
   */
  public static void exact(Path from, Path to) throws IOException {
    copy(from, to, Files::copy);
  }

  /**
   * As a model travels: single-precision tensors of safetensors files become half-precision ones,
   * which halves the bytes; other tensors and other files stay as they are.
   *
   * @param to does not exist
   * @return bytes written
   * @throws FileAlreadyExistsException where there is something already
   * @throws io.smartedit.editor.checkpoint.CheckpointException if a file of weights is damaged
   */
  public static long halved(Path from, Path to) throws IOException {
    copy(
        from,
        to,
        (file, copy) -> {
          if (file.toString().endsWith(SAFETENSORS)) {
            halve(file, copy);
          } else {
            Files.copy(file, copy);
          }
        });
    return bytes(to);
  }

  /**
   * As SmartEdit was published: its own parts' safetensors become torch archives, in the number
   * format they have; other files stay as they are.
   *
   * @param to does not exist
   * @return bytes written
   * @throws FileAlreadyExistsException where there is something already
   * @throws io.smartedit.editor.checkpoint.CheckpointException if a file of weights is damaged
   */
  public static long published(Path from, Path to) throws IOException {
    copy(
        from,
        to,
        (file, copy) -> {
          String folder = String.valueOf(file.resolveSibling("").getFileName());
          if (file.toString().endsWith(SAFETENSORS) && OWN_PART.matcher(folder).matches()) {
            archive(file, copy.resolveSibling(archiveName(folder, copy)));
          } else {
            Files.copy(file, copy);
          }
        });
    return bytes(to);
  }

  private static String archiveName(String folder, Path file) {
    String name = String.valueOf(file.getFileName());
    return folder.equals(QFORMER)
        ? name.substring(0, name.length() - SAFETENSORS.length()) + ".bin"
        : "adapter_model.bin";
  }

  private static void archive(Path from, Path to) throws IOException {
    try (TensorFile file = TensorFile.open(from);
        TorchArchiveWriter writer = new TorchArchiveWriter(to)) {
      for (String name : file.names()) {
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
          writer.add(name, file.readStored(name, manager));
        }
      }
      writer.finish();
    }
  }

  private static long bytes(Path folder) throws IOException {
    long bytes = 0;
    for (Path file : files(folder)) {
      bytes += Files.size(file);
    }
    return bytes;
  }

  private static void copy(Path from, Path to, FileCopy how) throws IOException {
    if (Files.exists(to)) {
      throw new FileAlreadyExistsException(to.toString(), null, "is there already");
    }
    Path part = to.toAbsolutePath().resolveSibling(to.getFileName() + ".part");
    for (Path file : files(from)) {
      Path copy = part.resolve(from.relativize(file).toString());
      Files.createDirectories(copy.resolveSibling(""));
      Files.deleteIfExists(copy);
      how.copy(file, copy);
    }
    Files.move(part, to, StandardCopyOption.ATOMIC_MOVE);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static void halve(Path from, Path to) throws IOException {
    try (TensorFile file = TensorFile.open(from);
        NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Map<String, NDArray> arrays = new LinkedHashMap<>();
      for (String name : file.names()) {
        NDArray stored = file.readStored(name, manager);
        boolean single = stored.getDataType() == DataType.FLOAT32;
        arrays.put(name, single ? Precision.FP16.of(stored) : stored);
      }
      Safetensors.write(to, arrays, Map.of());
    }
  }
}
