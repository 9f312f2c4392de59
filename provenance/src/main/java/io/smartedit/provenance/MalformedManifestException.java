package io.smartedit.provenance;

/** Credentials that cannot be read as what they say they are. */
final class MalformedManifestException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedManifestException(String message) {
    super(message);
  }

  MalformedManifestException(String message, Throwable cause) {
    super(message, cause);
  }
}
