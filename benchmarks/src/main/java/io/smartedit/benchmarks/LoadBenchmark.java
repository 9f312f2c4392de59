package io.smartedit.benchmarks;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.llama.Llama;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.pipeline.NetLoader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Loading the LLM beside merely reading its file, both from disk: the page cache is emptied before
 * each, which takes root.
 *
 * <p>Usage: {@code LoadBenchmark MODEL_FOLDER}.
 */
final class LoadBenchmark {

  private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");
  private static final int BUFFER = 8 << 20;

  private LoadBenchmark() {}

  public static void main(String[] arguments) throws IOException {
    ModelFolder folder = ModelFolder.open(Path.of(arguments[0]));
    Path file = folder.llm().orElseThrow();
    for (int i = 0; i < 2; i++) {
      Files.writeString(DROP_CACHES, "3");
      double read = read(file);
      Files.writeString(DROP_CACHES, "3");
      double loaded = load(folder);
      System.out.printf(
          "%s: %.1f GB   read %.1f s   loaded %.1f s   ratio %.2f%n",
          file, Files.size(file) / 1e9, read, loaded, loaded / read);
    }
  }

  private static double read(Path file) throws IOException {
    long begin = System.nanoTime();
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(buffer) >= 0) {
        buffer.clear();
      }
    }
    return (System.nanoTime() - begin) / 1e9;
  }

  private static double load(ModelFolder folder) {
    long begin = System.nanoTime();
    try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
      Llama llama = new NetLoader(folder, NetLoader.View.STORED).llama(manager, Precision.BF16);
      if (llama.layers().isEmpty()) {
        throw new IllegalStateException("nothing was loaded");
      }
      return (System.nanoTime() - begin) / 1e9;
    }
  }
}
