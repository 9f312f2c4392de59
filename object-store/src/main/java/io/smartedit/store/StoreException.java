package io.smartedit.store;

/** The store could not do what was asked; {@link #kind} says who can act. */
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

  /** What went wrong, by who can act: whoever asks, whoever runs the services, or time. */
  public enum Kind {
    /** The request's: there is no such object; asking again does not help. */
    NOT_FOUND,
    /** The request's: the object is larger than allowed; asking again does not help. */
    TOO_LARGE,
    /** The request's: this object may not be read; asking again does not help. */
    DENIED,
    /**
     * The operator's: keys, rights, region, bucket or space of the store. No request is to blame,
     * and none succeeds until it is mended; then the same call does.
     */
    MISCONFIGURED,
    /** Time's: the store is gone, slow or broken; asking again later may help. */
    UNAVAILABLE
  }
}
