package io.smartedit.editor.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/**
 * Writes what {@code torch.load} and {@link TensorFile#open} read: the layout in which SmartEdit
 * was published.
 *
 * <p>Tensors are added one by one and need not lie in memory together. The file appears under its
 * name when the writer is closed after {@link #finish}; otherwise nothing remains of it.
 */
public final class TorchArchiveWriter implements AutoCloseable {

  private static final String FOLDER = "archive/";

  private final Path path;
  private final Path temporary;
  private final ZipArchiveOutputStream zip;
  private final WritableByteChannel body;
  private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();
  private int tensors;
  private boolean finished;

  public TorchArchiveWriter(Path path) throws IOException {
    this.path = path;
    this.temporary = path.resolveSibling(path.getFileName() + ".part");
    this.zip =
        new ZipArchiveOutputStream(
            FileChannel.open(
                temporary,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.READ,
                StandardOpenOption.TRUNCATE_EXISTING));
    this.body = Channels.newChannel(zip);
    pickle.writeBytes(new byte[] {(byte) 0x80, 2, '}', '('});
  }

  /** Writes one tensor in its own number format. */
  public void add(String name, NDArray array) throws IOException {
    ByteBuffer bytes = array.toByteBuffer(true);
    entry("data/" + tensors, bytes.remaining());
    while (bytes.hasRemaining()) {
      body.write(bytes);
    }
    zip.closeArchiveEntry();
    describe(name, array);
    tensors++;
  }

  /** Writes the description of all tensors; without it the file is discarded. */
  public void finish() throws IOException {
    pickle.writeBytes(new byte[] {'u', '.'});
    small("data.pkl", pickle.toByteArray());
    small("byteorder", "little".getBytes(StandardCharsets.UTF_8));
    small("version", "3\n".getBytes(StandardCharsets.UTF_8));
    finished = true;
  }

  @Override
  public void close() throws IOException {
    zip.close();
    if (finished) {
      Files.move(
          temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } else {
      Files.deleteIfExists(temporary);
    }
  }

  private void small(String name, byte[] content) throws IOException {
    entry(name, content.length);
    zip.write(content);
    zip.closeArchiveEntry();
  }

  private void entry(String name, long size) throws IOException {
    ZipArchiveEntry entry = new ZipArchiveEntry(FOLDER + name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(size);
    zip.putArchiveEntry(entry);
  }

  /** {@code name: _rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())}. */
  private void describe(String name, NDArray array) {
    text(name);
    global("torch._utils", "_rebuild_tensor_v2");
    opcodes('(', '(');
    text("storage");
    global("torch", storageType(array));
    text(Integer.toString(tensors));
    text("cpu");
    number(array.getShape().size());
    opcodes('t', 'Q');
    number(0);
    long[] shape = array.getShape().getShape();
    tuple(shape);
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape[i];
    }
    tuple(strides);
    opcodes(0x89);
    global("collections", "OrderedDict");
    opcodes(')', 'R', 't', 'R');
  }

  private static String storageType(NDArray array) {
    DataType type = array.getDataType();
    return switch (type) {
      case FLOAT32 -> "FloatStorage";
      case FLOAT16 -> "HalfStorage";
      case UNKNOWN -> "BFloat16Storage"; // as DJL calls bfloat16
      case INT64 -> "LongStorage";
      default -> throw new IllegalArgumentException("torch archives are not written with " + type);
    };
  }

  private void tuple(long[] values) {
    opcodes('(');
    for (long value : values) {
      number(value);
    }
    opcodes('t');
  }

  private void number(long value) {
    opcodes(0x8a, 8);
    pickle.writeBytes(
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, value).array());
  }

  private void text(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    opcodes('X');
    pickle.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, bytes.length).array());
    pickle.writeBytes(bytes);
  }

  private void global(String module, String name) {
    pickle.writeBytes(("c" + module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private void opcodes(int... opcodes) {
    for (int opcode : opcodes) {
      pickle.write(opcode);
    }
  }
}
