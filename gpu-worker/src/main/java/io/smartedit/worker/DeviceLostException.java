package io.smartedit.worker;

/** Nothing can be edited in this process any more; the worker ends, and another takes over. */
final class DeviceLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DeviceLostException(Throwable cause) {
    super("nothing can be edited in this process any more: " + cause.getMessage(), cause);
  }
}
