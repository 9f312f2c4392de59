package io.smartedit.editor.nn;

/** A tensor is missing, has the wrong shape, or is not expected; the message names it in full. */
public final class WeightsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public WeightsException(String message) {
    super(message);
  }
}
