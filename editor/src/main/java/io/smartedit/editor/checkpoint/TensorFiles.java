package io.smartedit.editor.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Several files as one source: the shards of a Hugging Face {@code *.index.json}. */
public final class TensorFiles implements TensorSource, AutoCloseable {

  private static final long MAX_INDEX_BYTES = 64L << 20;

  private final List<TensorFile> files;
  private final Map<String, TensorFile> byName = new LinkedHashMap<>();

  private TensorFiles(List<TensorFile> files) {
    this.files = files;
    for (TensorFile file : files) {
      for (String name : file.names()) {
        if (byName.put(name, file) != null) {
          throw new CheckpointException(file.path() + ": tensor " + name + " is in two files");
        }
      }
    }
  }

  /** Opens a single file, or all shards that an index names. */
  public static TensorFiles open(Path path) {
    List<TensorFile> files = new ArrayList<>();
    try {
      for (Path file : WeightFile.isIndex(path) ? shards(path) : List.of(path)) {
        files.add(TensorFile.open(file));
      }
      return new TensorFiles(files);
    } catch (RuntimeException e) {
      files.forEach(TensorFile::close);
      throw e;
    }
  }

  /** The files that an index names, each a plain name beside it. */
  static List<Path> shards(Path index) {
    LfsPointer.refuse(index);
    try {
      if (Files.size(index) > MAX_INDEX_BYTES) {
        throw new CheckpointException(index + ": larger than " + MAX_INDEX_BYTES + " bytes");
      }
      JsonNode map = new ObjectMapper().readTree(index.toFile()).path("weight_map");
      Set<Path> paths = new LinkedHashSet<>();
      for (JsonNode value : map) {
        String name = value.asText();
        if (name.isEmpty() || name.contains("/") || name.contains("\\") || name.equals("..")) {
          throw new CheckpointException(index + ": shard name '" + name + "' is not a plain name");
        }
        paths.add(index.resolveSibling(name));
      }
      if (paths.isEmpty()) {
        throw new CheckpointException(index + ": names no shards");
      }
      for (Path shard : paths) {
        if (!Files.isRegularFile(shard)) {
          throw new CheckpointException(index + ": shard " + shard.getFileName() + " is missing");
        }
      }
      return List.copyOf(paths);
    } catch (IOException e) {
      throw new CheckpointException(index + ": cannot be read", e);
    }
  }

  @Override
  public Set<String> names() {
    return byName.keySet();
  }

  @Override
  public Shape shape(String name) {
    return file(name).shape(name);
  }

  @Override
  public DataType dataType(String name) {
    return file(name).dataType(name);
  }

  @Override
  public NDArray read(String name, NDManager manager, Precision precision) {
    return file(name).read(name, manager, precision);
  }

  @Override
  public void close() {
    files.forEach(TensorFile::close);
  }

  @Override
  public String toString() {
    return files.toString();
  }

  private TensorFile file(String name) {
    TensorFile file = byName.get(name);
    if (file == null) {
      throw new CheckpointException(files + ": missing tensor " + name);
    }
    return file;
  }
}
