package io.smartedit.editor.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.Precision;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointTest {

  @TempDir private Path folder = Path.of("");

  private final NDManager manager = NDManager.newBaseManager("PyTorch");

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void safetensorsComeBackInEveryFormat() throws IOException {
    NDArray values = manager.create(new float[] {1, -2, 0.5f, 4, 5, 6}, new Shape(2, 3));
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    arrays.put("single", values);
    arrays.put("half", Precision.FP16.of(values));
    arrays.put("brain", Precision.BF16.of(values));
    arrays.put("whole", manager.create(new long[] {1, 1L << 40}));
    arrays.put("scalar", manager.create(3f));
    arrays.put("none", manager.zeros(new Shape(0, 4)));
    Path file = folder.resolve("a.safetensors");

    Safetensors.write(file, arrays, Map.of("maker", "test"));

    try (TensorFile read = TensorFile.open(file)) {
      assertThat(read.names()).containsExactlyElementsOf(arrays.keySet());
      for (String name : new String[] {"single", "half", "brain"}) {
        assertThat(read.read(name, manager, Precision.FP32).toFloatArray())
            .as(name)
            .isEqualTo(values.toFloatArray());
      }
      assertThat(read.dataType("brain")).isEqualTo(DataType.BFLOAT16);
      assertThat(read.readStored("whole", manager).toLongArray()).containsExactly(1, 1L << 40);
      assertThat(read.shape("scalar").dimension()).isZero();
      assertThat(read.shape("none")).isEqualTo(new Shape(0, 4));
    }
  }

  @Test
  void torchArchivesComeBackInEveryFormat() throws IOException {
    NDArray values = manager.create(new float[] {1, -2, 0.5f, 4, 5, 6}, new Shape(2, 3));
    Path file = folder.resolve("a.bin");
    try (TorchArchiveWriter writer = new TorchArchiveWriter(file)) {
      writer.add("single", values);
      writer.add("half", Precision.FP16.of(values));
      writer.add("brain", Precision.BF16.of(values));
      writer.add("whole", manager.create(new long[] {7, -7}));
      writer.finish();
    }

    try (TensorFile read = TensorFile.open(file)) {
      for (String name : new String[] {"single", "half", "brain"}) {
        assertThat(read.read(name, manager, Precision.FP32).toFloatArray())
            .as(name)
            .isEqualTo(values.toFloatArray());
      }
      assertThat(read.readStored("whole", manager).toLongArray()).containsExactly(7, -7);
    }
  }

  @Test
  void anUnfinishedArchiveLeavesNothing() throws IOException {
    Path file = folder.resolve("a.bin");

    new TorchArchiveWriter(file).close();

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void sharedStoragesOffsetsAndStridesAreFollowed() throws IOException {
    // One storage 0..11; a transposed view of its first six numbers and a row further on.
    String pickle = tensor("turned", 12, 0, "2,3", "1,2") + tensor("row", 12, 8, "4", "1");
    Path file = archive("shared.bin", pickle, floats(12));

    try (TensorFile read = TensorFile.open(file)) {
      assertThat(read.read("turned", manager, Precision.FP32).toFloatArray())
          .containsExactly(0, 2, 4, 1, 3, 5);
      assertThat(read.read("row", manager, Precision.FP32).toFloatArray())
          .containsExactly(8, 9, 10, 11);
    }
  }

  @Test
  void tensorsOutsideTheirStorageAreRefused() throws IOException {
    for (String shape : new String[] {"13", "4,4", "9223372036854775807,2"}) {
      Path file =
          archive(
              "lie.bin", tensor("w", 12, 0, shape, shape.contains(",") ? "1,1" : "1"), floats(12));

      assertThatThrownBy(() -> TensorFile.open(file).close())
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("tensor w");
    }
    Path overlapping = archive("zero.bin", tensor("w", 12, 0, "100000", "0"), floats(12));
    assertThatThrownBy(() -> TensorFile.open(overlapping).close())
        .hasMessageContaining("does not fit its storage");
  }

  @Test
  void shardsReadAsOneAndAMissingOneIsNamed() throws IOException {
    Safetensors.write(folder.resolve("m-1.safetensors"), Map.of("a", manager.create(1f)), Map.of());
    Safetensors.write(folder.resolve("m-2.safetensors"), Map.of("b", manager.create(2f)), Map.of());
    Path index = folder.resolve("model.safetensors.index.json");
    Files.writeString(
        index, "{\"weight_map\": {\"a\": \"m-1.safetensors\", \"b\": \"m-2.safetensors\"}}");

    try (TensorFiles files = TensorFiles.open(index)) {
      assertThat(files.names()).containsExactlyInAnyOrder("a", "b");
      assertThat(files.read("b", manager, Precision.FP32).getFloat()).isEqualTo(2);
    }
    Files.delete(folder.resolve("m-2.safetensors"));
    assertThatThrownBy(() -> TensorFiles.open(index).close())
        .hasMessageContaining("m-2.safetensors is missing");
    Files.writeString(index, "{\"weight_map\": {\"a\": \"../m-1.safetensors\"}}");
    assertThatThrownBy(() -> TensorFiles.open(index).close())
        .hasMessageContaining("not a plain name");
  }

  @Test
  void loraIsMergedWhateverItsSpelling() throws IOException {
    for (List<String> names :
        List.of(
            List.of("q.weight", "q.lora_A.default.weight", "q.lora_B.default.weight"),
            List.of("q.base_layer.weight", "q.lora_A.weight", "q.lora_B.weight"))) {
      Map<String, NDArray> arrays = new LinkedHashMap<>();
      arrays.put(names.get(0), manager.create(new float[] {1, 0, 0, 1}, new Shape(2, 2)));
      arrays.put(names.get(1), manager.create(new float[] {1, 2}, new Shape(1, 2)));
      arrays.put(names.get(2), manager.create(new float[] {10, 20}, new Shape(2, 1)));
      Path file = folder.resolve("lora.safetensors");
      Safetensors.write(file, arrays, Map.of());

      try (TensorFile read = TensorFile.open(file)) {
        LoraMerge merged = new LoraMerge(read, 0);

        assertThat(merged.names()).containsExactly("q.weight");
        // Alpha is twice the rank: W + 2 B A.
        assertThat(merged.read("q.weight", manager, Precision.FP32).toFloatArray())
            .containsExactly(21, 40, 40, 81);
        assertThat(new LoraMerge(read, 1).read("q.weight", manager, Precision.FP32).toFloatArray())
            .containsExactly(11, 20, 20, 41);
      }
    }
  }

  @Test
  void halfAnAdapterIsRefused() throws IOException {
    Path file = folder.resolve("lora.safetensors");
    Safetensors.write(file, Map.of("q.lora_A.weight", manager.zeros(new Shape(1, 2))), Map.of());

    try (TensorFile read = TensorFile.open(file)) {
      assertThatThrownBy(() -> new LoraMerge(read, 0)).hasMessageContaining("q.lora_B.weight");
    }
  }

  /**
   * {@code name: _rebuild_tensor_v2(('storage', FloatStorage, '0', 'cpu', n), ...)}, in ASCII
   * opcodes.
   */
  private static String tensor(
      String name, long elements, long offset, String shape, String strides) {
    return text(name)
        + "ctorch._utils\n_rebuild_tensor_v2\n(("
        + text("storage")
        + "ctorch\nFloatStorage\n"
        + text("0")
        + text("cpu")
        + number(elements)
        + "tQ"
        + number(offset)
        + tuple(shape)
        + tuple(strides)
        + "\u0089ccollections\nOrderedDict\n)RtR";
  }

  private static String tuple(String values) {
    StringBuilder tuple = new StringBuilder("(");
    for (String value : values.split(",", -1)) {
      tuple.append(number(Long.parseLong(value)));
    }
    return tuple.append('t').toString();
  }

  static String text(String value) {
    return "X" + (char) value.length() + "\0\0\0" + value;
  }

  private static String number(long value) {
    StringBuilder bytes = new StringBuilder("\u008a\u0008");
    for (int i = 0; i < 8; i++) {
      bytes.append((char) (value >>> (8 * i) & 0xFF));
    }
    return bytes.toString();
  }

  private static byte[] floats(int count) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      bytes.putFloat(i);
    }
    return bytes.array();
  }

  private Path archive(String name, String items, byte[] storage) throws IOException {
    return archive(
        folder.resolve(name),
        ("\u0080\u0002}(" + items + "u.").getBytes(StandardCharsets.ISO_8859_1),
        storage);
  }

  static Path archive(Path file, byte[] pickle, byte[] storage) throws IOException {
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      store(zip, "m/data.pkl", pickle);
      store(zip, "m/data/0", storage);
    }
    return file;
  }

  private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(content.length);
    entry.setCrc(crc.getValue());
    zip.putNextEntry(entry);
    zip.write(content);
    zip.closeEntry();
  }
}
