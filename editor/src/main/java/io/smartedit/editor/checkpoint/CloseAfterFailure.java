package io.smartedit.editor.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import org.jspecify.annotations.Nullable;

/** Gives a file back on the way out of a failed opening. */
final class CloseAfterFailure {

  private CloseAfterFailure() {}

  /** Closes; a second failure travels with the first. */
  static void quietly(@Nullable FileChannel channel, Exception first) {
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      first.addSuppressed(e);
    }
  }
}
