package io.smartedit.provenance;

/** A time-stamping authority that is gone, slow, or answers nonsense; asking later may help. */
public final class TimestampException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TimestampException(String message) {
    super(message);
  }

  TimestampException(String message, Throwable cause) {
    super(message, cause);
  }
}
