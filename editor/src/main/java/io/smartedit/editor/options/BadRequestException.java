package io.smartedit.editor.options;

/**
 * A request that can never succeed: the image cannot be decoded, the instruction does not fit, an
 * option is out of range. The message names the thing, the value and the limit, and is meant for
 * whoever sent it.
 */
public final class BadRequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BadRequestException(String message) {
    super(message);
  }

  public BadRequestException(String message, Throwable cause) {
    super(message, cause);
  }
}
