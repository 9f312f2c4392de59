package io.smartedit.editor;

/**
 * The device has too little memory for what was asked; fewer edits at once, or a smaller size, may
 * fit.
 */
public final class OutOfDeviceMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public OutOfDeviceMemoryException(Throwable cause) {
    super("the device is out of memory", cause);
  }
}
