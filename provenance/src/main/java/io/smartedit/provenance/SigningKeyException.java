package io.smartedit.provenance;

/** A key or its certificates that nothing can be signed with; says which and why. */
public final class SigningKeyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SigningKeyException(String message) {
    super(message);
  }

  SigningKeyException(String message, Throwable cause) {
    super(message, cause);
  }
}
