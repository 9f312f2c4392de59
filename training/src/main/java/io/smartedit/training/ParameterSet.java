package io.smartedit.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.checkpoint.Safetensors;
import io.smartedit.editor.checkpoint.TensorFile;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.TensorSource;
import io.smartedit.editor.pipeline.NetLoader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a model folder that are being trained, by the file and name they were read from;
 * the loader's view through which nets become trainable.
 *
 * <p>It owns the trained tensors until it is closed. Used from one thread.
 */
public final class ParameterSet implements NetLoader.View, AutoCloseable {

  private final BiPredicate<Path, String> trained;
  private final Map<Path, Map<String, NDArray>> files = new LinkedHashMap<>();
  private final List<Parameter> parameters = new ArrayList<>();
  private @Nullable NDManager owner;

  /**
   * @param trained of a file and a tensor's name in it, whether it is to change
   */
  public ParameterSet(BiPredicate<Path, String> trained) {
    this.trained = trained;
  }

  /** A tensor that changes, and its name among all of them. */
  public record Parameter(String name, NDArray array) {
    @Override
    public String toString() {
      return name + array.getShape();
    }
  }

  /** All that change, in the order they were read. */
  public List<Parameter> parameters() {
    return List.copyOf(parameters);
  }

  /** Adds a tensor of no model file: what is thrown away after training. */
  public NDArray add(String name, NDArray array) {
    array.setRequiresGradient(true);
    parameters.add(new Parameter(name, array));
    return array;
  }

  @Override
  public TensorSource of(Path path, TensorSource file) {
    return new Trained(path, file);
  }

  /**
   * Writes the changed tensors back into their files, in single precision; the others in them stay
   * as they are. A torch archive becomes a safetensors file of the same name.
   *
   * @param values what to write in a parameter's place, such as its running mean; null for itself
   */
  public void save(@Nullable Map<String, NDArray> values) throws IOException {
    for (Map.Entry<Path, Map<String, NDArray>> entry : files.entrySet()) {
      Path path = entry.getKey();
      Map<String, NDArray> changed = entry.getValue();
      Path target = safetensors(path);
      try (TensorFile file = TensorFile.open(path);
          NDManager manager = NDManager.newBaseManager("PyTorch")) {
        Map<String, NDArray> all = new LinkedHashMap<>();
        for (String name : file.names()) {
          NDArray own = changed.get(name);
          NDArray value = own == null || values == null ? own : values.get(full(path, name));
          all.put(name, value == null ? file.readStored(name, manager) : value);
        }
        Safetensors.write(target, all, Map.of());
      }
      if (!target.equals(path)) {
        Files.delete(path);
      }
    }
  }

  private static Path safetensors(Path path) {
    String name = String.valueOf(path.getFileName());
    return path.resolveSibling(name.replaceAll("\\.bin$", ".safetensors"));
  }

  @Override
  public void close() {
    if (owner != null) {
      owner.close();
    }
  }

  private static String full(Path path, String name) {
    return path.subpath(path.getNameCount() - 2, path.getNameCount()) + "/" + name;
  }

  /** A file whose trained tensors are read once and kept. */
  private final class Trained implements TensorSource {
    private final Path path;
    private final TensorSource file;

    private Trained(Path path, TensorSource file) {
      this.path = path;
      this.file = file;
    }

    @Override
    public Set<String> names() {
      return file.names();
    }

    @Override
    public Shape shape(String name) {
      return file.shape(name);
    }

    @Override
    public DataType dataType(String name) {
      return file.dataType(name);
    }

    @Override
    public NDArray read(String name, NDManager manager, Precision precision) {
      if (!trained.test(path, name)) {
        return file.read(name, manager, precision);
      }
      Map<String, NDArray> kept = files.computeIfAbsent(path, key -> new LinkedHashMap<>());
      NDArray known = kept.get(name);
      if (known == null) {
        if (owner == null) {
          owner = NDManager.newBaseManager(manager.getDevice(), "PyTorch");
        }
        known = add(full(path, name), file.read(name, owner, Precision.FP32));
        kept.put(name, known);
      }
      return known;
    }

    @Override
    public String toString() {
      return file.toString();
    }
  }
}
