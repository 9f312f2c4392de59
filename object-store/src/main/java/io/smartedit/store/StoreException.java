package io.smartedit.store;

/** The store could not do what was asked; {@link #kind} says who can act. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Where the size is not known. */
  private static final long UNKNOWN = -1;

  private final Kind kind;
  private final long size;

  public StoreException(Kind kind, String message) {
    super(message);
    this.kind = kind;
    size = UNKNOWN;
  }

  public StoreException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
    size = UNKNOWN;
  }

  private StoreException(String message, long size) {
    super(message);
    kind = Kind.TOO_LARGE;
    this.size = size;
  }

  /**
   * Of an object that is larger than was allowed.
   *
   * @param size as the store declares it; negative where it does not
   */
  public static StoreException tooLarge(String what, long maxBytes, long size) {
    return new StoreException(what + " has more than " + maxBytes + " bytes", size);
  }

  public Kind kind() {
    return kind;
  }

  /** Bytes of an object that is too large, as its store declares them; negative where unknown. */
  public long size() {
    return size;
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
