package io.smartedit.store;

/** The store could not do what was asked; {@link #kind} says what the caller can do about it. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  public StoreException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public StoreException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /** What went wrong, by what helps. */
  public enum Kind {
    /** There is no such object or bucket; asking again does not help. */
    NOT_FOUND,
    /** The object is larger than asked for; asking again does not help. */
    TOO_LARGE,
    /** The store refuses the caller; asking again does not help. */
    DENIED,
    /** The store is gone, slow or broken; asking again later may help. */
    UNAVAILABLE
  }
}
