package io.smartedit.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.smartedit.checkpoint.Safetensors;
import io.smartedit.checkpoint.TensorFile;
import io.smartedit.nn.Precision;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A trained model as it travels: half the bytes, and everything else as it was. */
public final class Export {

  private Export() {}

  /**
   * Copies a model folder. Single-precision tensors of its safetensors files become half-precision
   * ones; other tensors and other files are copied as they are.
   *
   * @param to does not exist, or is empty
   * @return bytes written
   * @throws FileAlreadyExistsException where there is something already
   * @throws io.smartedit.checkpoint.CheckpointException if a file of weights is damaged
   */
  public static long halved(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> there = Files.list(to)) {
      if (there.findAny().isPresent()) {
        throw new FileAlreadyExistsException(to.toString(), null, "the folder is not empty");
      }
    }
    List<Path> files;
    try (Stream<Path> walk = Files.walk(from)) {
      files = walk.filter(Files::isRegularFile).sorted().toList();
    }
    long bytes = 0;
    for (Path file : files) {
      Path copy = to.resolve(from.relativize(file).toString());
      Files.createDirectories(copy.getParent());
      if (file.toString().endsWith(".safetensors")) {
        halve(file, copy);
      } else {
        Files.copy(file, copy);
      }
      bytes += Files.size(copy);
    }
    return bytes;
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
