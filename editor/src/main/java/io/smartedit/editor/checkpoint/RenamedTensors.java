package io.smartedit.editor.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.TensorSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** A source whose tensors go by other names. */
public final class RenamedTensors implements TensorSource {

  private final TensorSource source;
  private final Map<String, String> originals = new LinkedHashMap<>();

  /** {@code rename} gives each tensor its new name. */
  public RenamedTensors(TensorSource source, UnaryOperator<String> rename) {
    this.source = source;
    for (String name : source.names()) {
      String renamed = rename.apply(name);
      String other = originals.put(renamed, name);
      if (other != null) {
        throw new CheckpointException(
            source + ": tensors " + other + " and " + name + " are both " + renamed);
      }
    }
  }

  /** The source without a prefix; names that lack it stay as they are. */
  public static RenamedTensors withoutPrefix(TensorSource source, String prefix) {
    return new RenamedTensors(
        source, name -> name.startsWith(prefix) ? name.substring(prefix.length()) : name);
  }

  @Override
  public Set<String> names() {
    return originals.keySet();
  }

  @Override
  public Shape shape(String name) {
    return source.shape(original(name));
  }

  @Override
  public DataType dataType(String name) {
    return source.dataType(original(name));
  }

  @Override
  public NDArray read(String name, NDManager manager, Precision precision) {
    return source.read(original(name), manager, precision);
  }

  @Override
  public String toString() {
    return source.toString();
  }

  private String original(String name) {
    String original = originals.get(name);
    if (original == null) {
      throw new CheckpointException(source + ": missing tensor " + name);
    }
    return original;
  }
}
