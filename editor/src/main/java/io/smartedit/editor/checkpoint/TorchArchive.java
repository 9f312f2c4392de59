package io.smartedit.editor.checkpoint;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.checkpoint.RestrictedUnpickler.PickleException;
import io.smartedit.editor.checkpoint.RestrictedUnpickler.PickledTensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * What {@code torch.save} writes since PyTorch 1.6: a zip of stored entries, a pickle that
 * describes the tensors ({@code data.pkl}) and one entry a storage ({@code data/KEY}).
 *
 * <p>Tensors may share a storage, start inside it, and be strided.
 */
final class TorchArchive {

  private static final long MAX_PICKLE_BYTES = 16L << 20;
  private static final int MAX_DIMENSIONS = 8;
  private static final String PICKLE = "data.pkl";

  private static final Map<String, DataType> STORAGE_TYPES =
      Map.of(
          "DoubleStorage", DataType.FLOAT64,
          "FloatStorage", DataType.FLOAT32,
          "HalfStorage", DataType.FLOAT16,
          "BFloat16Storage", DataType.BFLOAT16,
          "LongStorage", DataType.INT64,
          "IntStorage", DataType.INT32,
          "CharStorage", DataType.INT8,
          "ByteStorage", DataType.UINT8,
          "BoolStorage", DataType.BOOLEAN);

  private TorchArchive() {}

  /**
   * Opens an archive and checks that every tensor lies inside its storage.
   *
   * @throws CheckpointException if it is no such archive, is damaged, or its pickle asks for
   *     anything but tensors and containers
   */
  static TensorFile open(Path path) {
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      return new TensorFile(path, channel, tensors(path, channel));
    } catch (IOException e) {
      CloseAfterFailure.quietly(channel, e);
      throw new CheckpointException(
          path
              + ": not a PyTorch zip archive, or cut off (files written before PyTorch 1.6 must be"
              + " saved again)",
          e);
    } catch (PickleException e) {
      CloseAfterFailure.quietly(channel, e);
      throw new CheckpointException(path + ": " + e.getMessage(), e);
    } catch (RuntimeException e) {
      CloseAfterFailure.quietly(channel, e);
      throw e;
    }
  }

  private static List<StoredTensor> tensors(Path path, FileChannel channel) throws IOException {
    try (ZipFile zip =
        ZipFile.builder()
            .setSeekableByteChannel(FileChannel.open(path))
            .setIgnoreLocalFileHeader(false)
            .get()) {
      ZipArchiveEntry pickle = pickle(path, zip);
      String folder = pickle.getName().substring(0, pickle.getName().length() - PICKLE.length());
      List<StoredTensor> tensors = new ArrayList<>();
      for (Map.Entry<?, ?> entry : stateDict(path, read(path, zip, pickle)).entrySet()) {
        if (entry.getValue() instanceof PickledTensor tensor) {
          String name = String.valueOf(entry.getKey());
          tensors.add(stored(path, name, tensor, zip, folder, channel.size()));
        }
      }
      return tensors;
    }
  }

  private static ZipArchiveEntry pickle(Path path, ZipFile zip) {
    for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
      if (entry.getName().endsWith("/" + PICKLE)) {
        return entry;
      }
    }
    throw new CheckpointException(path + ": zip has no " + PICKLE + "; not a PyTorch archive");
  }

  private static byte[] read(Path path, ZipFile zip, ZipArchiveEntry entry) throws IOException {
    if (entry.getSize() > MAX_PICKLE_BYTES) {
      throw new CheckpointException(
          path + ": pickle of " + entry.getSize() + " bytes exceeds " + MAX_PICKLE_BYTES);
    }
    requireStored(path, entry);
    try (InputStream stream = zip.getInputStream(entry)) {
      return stream.readNBytes((int) MAX_PICKLE_BYTES);
    }
  }

  /** The root itself, or what it holds under {@code state_dict}. */
  private static Map<?, ?> stateDict(Path path, byte[] pickle) {
    Object root = RestrictedUnpickler.load(pickle);
    if (root instanceof Map<?, ?> map) {
      return map.get("state_dict") instanceof Map<?, ?> inner ? inner : map;
    }
    throw new CheckpointException(path + ": does not hold named tensors");
  }

  private static StoredTensor stored(
      Path path, String name, PickledTensor tensor, ZipFile zip, String folder, long fileSize) {
    String where = path + ": tensor " + name;
    DataType type = STORAGE_TYPES.get(tensor.storage().type());
    if (type == null) {
      throw new CheckpointException(where + " has unknown type " + tensor.storage().type());
    }
    ZipArchiveEntry entry = zip.getEntry(folder + "data/" + tensor.storage().key());
    if (entry == null) {
      throw new CheckpointException(where + " has no storage " + tensor.storage().key());
    }
    requireStored(path, entry);
    long available = entry.getSize() / type.getNumOfBytes();
    if (entry.getDataOffset() < 0 || entry.getSize() > fileSize - entry.getDataOffset()) {
      throw new CheckpointException(where + ": storage lies outside the file");
    }
    try {
      StoredTensor stored =
          new StoredTensor(
              name,
              type,
              new Shape(sizes(where, tensor.shape())),
              entry.getDataOffset(),
              tensor.offset(),
              sizes(where, tensor.strides()));
      requireInside(where, stored, Math.min(available, tensor.storage().elements()));
      return stored;
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new CheckpointException(where + " has an impossible shape " + tensor.shape(), e);
    }
  }

  private static long[] sizes(String where, List<Long> values) {
    if (values.size() > MAX_DIMENSIONS || values.stream().anyMatch(value -> value < 0)) {
      throw new CheckpointException(where + " has an impossible shape or stride " + values);
    }
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  private static void requireInside(String where, StoredTensor tensor, long available) {
    long elements = 1;
    for (long dimension : tensor.shape().getShape()) {
      elements = Math.multiplyExact(elements, dimension);
    }
    // Strides of 0 could make a small storage into a huge tensor; nobody saves such weights.
    if (tensor.offset() < 0
        || Math.addExact(tensor.offset(), tensor.span()) > available
        || elements > available) {
      throw new CheckpointException(
          where
              + " of shape "
              + tensor.shape()
              + " does not fit its storage of "
              + available
              + " elements");
    }
  }

  private static void requireStored(Path path, ZipArchiveEntry entry) {
    if (entry.getMethod() != ZipEntry.STORED) {
      throw new CheckpointException(path + ": entry " + entry.getName() + " is compressed");
    }
  }
}
