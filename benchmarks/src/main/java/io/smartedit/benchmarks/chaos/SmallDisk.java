package io.smartedit.benchmarks.chaos;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A small file system in memory, mounted on a folder, that can be filled up and freed again. */
final class SmallDisk implements AutoCloseable {

  private static final int CHUNK = 1 << 16;

  private final Path folder;

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  /** Mounts one; none where this user may not. */
  static Optional<SmallDisk> mount(Path folder, int megabytes)
      throws IOException, InterruptedException {
    Files.createDirectories(folder);
    boolean mounted =
        run("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", folder.toString());
    return mounted ? Optional.of(new SmallDisk(folder)) : Optional.empty();
  }

  /** Leaves no byte free. */
  void fill() throws IOException {
    try (OutputStream out = Files.newOutputStream(filler())) {
      for (int size = CHUNK; size > 0; size /= 16) {
        byte[] zeros = new byte[size];
        try {
          while (true) {
            out.write(zeros);
          }
        } catch (IOException e) {
          // full for pieces of this size
        }
      }
    }
  }

  void free() throws IOException {
    Files.deleteIfExists(filler());
  }

  private Path filler() {
    return folder.resolve(".filler");
  }

  /** Unmounts it; what it held is gone. */
  @Override
  public void close() throws IOException {
    try {
      run("umount", "-l", folder.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false; // no such program here
    }
  }
}
