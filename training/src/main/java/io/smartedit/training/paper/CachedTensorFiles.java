package io.smartedit.training.paper;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.TensorSource;
import io.smartedit.editor.pipeline.NetLoader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A view that reads every tensor once and keeps it: an LLM whose adapters learn is put together
 * anew in every step.
 *
 * <p>Owns what it keeps until closed. Used from one thread.
 */
final class CachedTensorFiles implements NetLoader.View, AutoCloseable {

  private final NetLoader.View view;
  private final NDManager manager = NDManager.newBaseManager("PyTorch");
  private final Map<String, NDArray> kept = new HashMap<>();

  CachedTensorFiles(NetLoader.View view) {
    this.view = view;
  }

  @Override
  public TensorSource of(Path path, TensorSource file) {
    return new Kept(path, view.of(path, file));
  }

  @Override
  public void close() {
    manager.close();
  }

  private final class Kept implements TensorSource {
    private final Path path;
    private final TensorSource file;

    private Kept(Path path, TensorSource file) {
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
    public NDArray read(String name, NDManager step, Precision precision) {
      String key = path + "\n" + name + "\n" + precision;
      NDArray known = kept.get(key);
      if (known == null) {
        known = file.read(name, manager, precision);
        kept.put(key, known);
      }
      return known;
    }

    @Override
    public String toString() {
      return file.toString();
    }
  }
}
