package io.smartedit.editor.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What Git leaves in a file's place where Git LFS did not fetch it. */
public final class LfsPointer {

  private static final byte[] START =
      "version https://git-lfs.github.com/spec/".getBytes(StandardCharsets.US_ASCII);

  private LfsPointer() {}

  /**
   * Refuses a pointer and a link that leads nowhere.
   *
   * @throws CheckpointException saying what to do
   */
  public static void refuse(Path path) {
    if (Files.isSymbolicLink(path) && !Files.exists(path)) {
      throw new CheckpointException(path + ": is a link to a file that is not there");
    }
    if (is(path)) {
      throw new CheckpointException(
          path + ": is a Git LFS pointer, not the file itself; run git lfs pull in its repository");
    }
  }

  static boolean is(Path path) {
    if (!Files.isRegularFile(path)) {
      return false;
    }
    try (InputStream file = Files.newInputStream(path)) {
      return Arrays.equals(file.readNBytes(START.length), START);
    } catch (IOException e) {
      return false; // whoever opens it will say so
    }
  }
}
