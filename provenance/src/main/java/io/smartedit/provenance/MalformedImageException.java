package io.smartedit.provenance;

/** An image that no credentials can be written into: not PNG, JPEG or WebP, or broken. */
public final class MalformedImageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedImageException(String message) {
    super(message);
  }
}
