package io.smartedit.editor.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The safetensors format: an 8-byte length, a JSON header of names, types, shapes and byte ranges,
 * then the bytes.
 */
public final class Safetensors {

  private static final long MAX_HEADER_BYTES = 100_000_000; // the format's own limit
  private static final int MAX_DIMENSIONS = 8;
  private static final String METADATA = "__metadata__";

  private static final Map<String, DataType> TYPES =
      Map.of(
          "F64", DataType.FLOAT64,
          "F32", DataType.FLOAT32,
          "F16", DataType.FLOAT16,
          "BF16", DataType.BFLOAT16,
          "I64", DataType.INT64,
          "I32", DataType.INT32,
          "I8", DataType.INT8,
          "U8", DataType.UINT8,
          "BOOL", DataType.BOOLEAN);

  private static final ObjectMapper JSON =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder().maxNestingDepth(8).maxNameLength(4096).build())
              .build());

  private Safetensors() {}

  /**
   * Opens a file and checks that every tensor lies inside it.
   *
   * @throws CheckpointException if the header lies, or the file is cut short
   */
  public static TensorFile open(Path path) {
    FileChannel channel = null;
    try {
      channel = FileChannel.open(path, StandardOpenOption.READ);
      JsonNode header = header(path, channel);
      List<StoredTensor> tensors = tensors(path, channel, header);
      return new TensorFile(path, channel, tensors, metadata(header));
    } catch (IOException e) {
      CloseAfterFailure.quietly(channel, e);
      throw new CheckpointException(path + ": cannot be read", e);
    } catch (RuntimeException e) {
      CloseAfterFailure.quietly(channel, e);
      throw e;
    }
  }

  private static JsonNode header(Path path, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < 8) {
      throw new CheckpointException(path + ": not safetensors, it has only " + size + " bytes");
    }
    long length = read(channel, 0, 8).getLong(0);
    if (length < 2 || length > MAX_HEADER_BYTES || length > size - 8) {
      throw new CheckpointException(
          path + ": header of " + length + " bytes does not fit a file of " + size + " bytes");
    }
    byte[] bytes = new byte[(int) length];
    read(channel, 8, bytes.length).get(bytes);
    JsonNode root;
    try {
      root = JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new CheckpointException(path + ": header is not JSON", e);
    }
    if (!root.isObject()) {
      throw new CheckpointException(path + ": header is not a JSON object");
    }
    return root;
  }

  private static List<StoredTensor> tensors(Path path, FileChannel channel, JsonNode header)
      throws IOException {
    long size = channel.size();
    long start = 8 + read(channel, 0, 8).getLong(0);
    List<StoredTensor> tensors = new ArrayList<>();
    for (Map.Entry<String, JsonNode> entry : header.properties()) {
      if (!entry.getKey().equals(METADATA)) {
        tensors.add(tensor(path, entry.getKey(), entry.getValue(), start, size));
      }
    }
    return tensors;
  }

  private static Map<String, String> metadata(JsonNode header) {
    Map<String, String> metadata = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : header.path(METADATA).properties()) {
      metadata.put(entry.getKey(), entry.getValue().asText());
    }
    return metadata;
  }

  private static StoredTensor tensor(
      Path path, String name, JsonNode node, long dataStart, long size) {
    String where = path + ": tensor " + name;
    DataType type = TYPES.get(node.path("dtype").asText());
    if (type == null) {
      throw new CheckpointException(where + " has unknown type " + node.path("dtype"));
    }
    JsonNode dimensions = node.path("shape");
    JsonNode offsets = node.path("data_offsets");
    if (!dimensions.isArray() || dimensions.size() > MAX_DIMENSIONS || offsets.size() != 2) {
      throw new CheckpointException(where + " has no proper shape or data_offsets");
    }
    long[] shape = new long[dimensions.size()];
    long bytes = type.getNumOfBytes();
    try {
      for (int i = 0; i < shape.length; i++) {
        if (!dimensions.get(i).isIntegralNumber() || dimensions.get(i).asLong() < 0) {
          throw new CheckpointException(where + " has dimension " + dimensions.get(i));
        }
        shape[i] = dimensions.get(i).asLong();
        bytes = Math.multiplyExact(bytes, shape[i]);
      }
    } catch (ArithmeticException e) {
      throw new CheckpointException(where + " has an impossible shape " + dimensions, e);
    }
    long begin = offsets.get(0).asLong(-1);
    long end = offsets.get(1).asLong(-1);
    if (begin < 0 || end < begin || end > size - dataStart || end - begin != bytes) {
      throw new CheckpointException(
          where
              + " claims bytes "
              + begin
              + " to "
              + end
              + " of "
              + (size - dataStart)
              + ", its shape takes "
              + bytes);
    }
    return StoredTensor.contiguous(name, type, new Shape(shape), dataStart + begin);
  }

  private static ByteBuffer read(FileChannel channel, long position, int length)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new IOException("file ends inside its header");
      }
    }
    return buffer.flip();
  }

  /**
   * Writes arrays in their own number formats, under a temporary name first, so that a reader never
   * sees half a file.
   *
   * @param arrays by name, written in the map's order
   * @param metadata written under {@code __metadata__}
   */
  public static void write(Path path, Map<String, NDArray> arrays, Map<String, String> metadata)
      throws IOException {
    ObjectNode header = JSON.createObjectNode();
    if (!metadata.isEmpty()) {
      ObjectNode node = header.putObject(METADATA);
      metadata.forEach(node::put);
    }
    long offset = 0;
    for (Map.Entry<String, NDArray> entry : arrays.entrySet()) {
      NDArray array = entry.getValue();
      DataType type = storedType(array);
      long bytes = array.getShape().size() * type.getNumOfBytes();
      ObjectNode node = header.putObject(entry.getKey()).put("dtype", code(type));
      ArrayNode shape = node.putArray("shape");
      for (long dimension : array.getShape().getShape()) {
        shape.add(dimension);
      }
      node.putArray("data_offsets").add(offset).add(offset + bytes);
      offset += bytes;
    }
    byte[] json = padded(JSON.writeValueAsBytes(header));
    Path temporary = path.resolveSibling(path.getFileName() + ".part");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      writeFully(channel, length.putLong(0, json.length));
      writeFully(channel, ByteBuffer.wrap(json));
      for (NDArray array : arrays.values()) {
        if (array.getShape().size() > 0) {
          writeFully(channel, array.toByteBuffer(true));
        }
      }
      channel.force(true);
    }
    Files.move(
        temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** DJL does not know bfloat16 when it sees it. */
  private static DataType storedType(NDArray array) {
    return array.getDataType() == DataType.UNKNOWN ? DataType.BFLOAT16 : array.getDataType();
  }

  private static String code(DataType type) {
    return TYPES.entrySet().stream()
        .filter(entry -> entry.getValue() == type)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("safetensors cannot hold " + type));
  }

  /** Blanks behind the JSON, so that the data starts on an 8-byte boundary. */
  private static byte[] padded(byte[] json) {
    byte[] padded = new byte[(json.length + 7) / 8 * 8];
    Arrays.fill(padded, (byte) ' ');
    System.arraycopy(json, 0, padded, 0, json.length);
    return padded;
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
