package io.smartedit.editor.checkpoint;

/** A weight file that cannot be used; the message names the file, what is wrong, and the limit. */
public final class CheckpointException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CheckpointException(String message) {
    super(message);
  }

  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
