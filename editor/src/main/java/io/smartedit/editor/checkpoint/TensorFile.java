package io.smartedit.editor.checkpoint;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The tensors of one file, read where they lie straight into libtorch's memory.
 *
 * <p>Nothing but the tensor wanted is in memory, and of it one copy, so files of any size cost no
 * heap. Positional reads are used rather than a mapping: a mapped page counts as resident until the
 * garbage collector unmaps it, and a file cut short under a mapping kills the process.
 */
public final class TensorFile implements TensorSource, AutoCloseable {

  /** One array's bytes must be addressable by a buffer. */
  private static final long MAX_TENSOR_BYTES = Integer.MAX_VALUE - 8L;

  private final Path path;
  private final FileChannel channel;
  private final Map<String, StoredTensor> tensors;
  private final Map<String, String> metadata;

  TensorFile(Path path, FileChannel channel, List<StoredTensor> tensors) {
    this(path, channel, tensors, Map.of());
  }

  TensorFile(
      Path path, FileChannel channel, List<StoredTensor> tensors, Map<String, String> metadata) {
    this.path = path;
    this.channel = channel;
    this.metadata = Map.copyOf(metadata);
    Map<String, StoredTensor> byName = new LinkedHashMap<>();
    for (StoredTensor tensor : tensors) {
      if (byName.put(tensor.name(), tensor) != null) {
        throw new CheckpointException(path + ": tensor " + tensor.name() + " is there twice");
      }
    }
    this.tensors = byName;
  }

  /** The file these tensors are in. */
  public Path path() {
    return path;
  }

  /** What the file's maker said of it, by key; nothing where the format has no place for it. */
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public Shape shape(String name) {
    return tensor(name).shape();
  }

  @Override
  public DataType dataType(String name) {
    return tensor(name).type();
  }

  @Override
  public NDArray read(String name, NDManager manager, Precision precision) {
    try (NDManager cpu = manager.newSubManager(Device.cpu())) {
      NDArray stored = readStored(name, cpu);
      boolean number =
          stored.getDataType().isFloating() || tensor(name).type() == DataType.BFLOAT16;
      NDArray typed =
          number && stored.getDataType() != DataType.FLOAT64
              ? precision.of(stored)
              : precision.of(stored.toType(DataType.FLOAT32, false));
      NDArray result = typed.toDevice(manager.getDevice(), false);
      result.attach(manager);
      return result;
    }
  }

  /** Reads one tensor in the number format it is stored in. */
  public NDArray readStored(String name, NDManager manager) {
    StoredTensor tensor = tensor(name);
    boolean brain = tensor.type() == DataType.BFLOAT16;
    NDArray stored =
        brain
            ? Precision.emptyBf16(manager, tensor.shape())
            : manager.create(tensor.shape(), tensor.type());
    try {
      if (tensor.shape().size() > 0) {
        fill(tensor, stored.toByteBuffer(true));
      }
    } catch (IOException e) {
      throw new CheckpointException(path + ": cannot read tensor " + name, e);
    }
    return stored;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new CheckpointException(path + ": cannot close", e);
    }
  }

  @Override
  public String toString() {
    return path + " (" + tensors.size() + " tensors)";
  }

  private StoredTensor tensor(String name) {
    StoredTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new CheckpointException(path + ": missing tensor " + name);
    }
    return tensor;
  }

  private void fill(StoredTensor tensor, ByteBuffer target) throws IOException {
    int width = tensor.type().getNumOfBytes();
    long bytes = Math.multiplyExact(tensor.span(), (long) width);
    if (bytes > MAX_TENSOR_BYTES) {
      throw new CheckpointException(
          path + ": tensor " + tensor.name() + " takes " + bytes + " bytes, more than 2 GiB");
    }
    long position = tensor.position() + tensor.offset() * width;
    if (tensor.isContiguous()) {
      readFully(target, position);
      return;
    }
    ByteBuffer span = ByteBuffer.allocateDirect((int) bytes);
    readFully(span, position);
    gather(tensor, span, target, 0, 0, width);
  }

  private void readFully(ByteBuffer target, long position) throws IOException {
    long at = position;
    while (target.hasRemaining()) {
      int count = channel.read(target, at);
      if (count < 0) {
        throw new IOException("file ends at byte " + at);
      }
      at += count;
    }
  }

  private static void gather(
      StoredTensor tensor, ByteBuffer span, ByteBuffer target, int dimension, long at, int width) {
    if (dimension == tensor.strides().length) {
      target.put(span.slice((int) at * width, width));
      return;
    }
    for (long i = 0; i < tensor.shape().get(dimension); i++) {
      long next = at + i * tensor.strides()[dimension];
      gather(tensor, span, target, dimension + 1, next, width);
    }
  }

  /** Opens a weight file by what it is: a safetensors file or a PyTorch zip archive. */
  public static TensorFile open(Path path) {
    LfsPointer.refuse(path);
    String name = String.valueOf(path.getFileName());
    return name.endsWith(".safetensors") ? Safetensors.open(path) : TorchArchive.open(path);
  }
}
