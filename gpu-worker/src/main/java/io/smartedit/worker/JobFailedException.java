package io.smartedit.worker;

import io.smartedit.events.FailureKind;
import io.smartedit.events.Status;
import org.jspecify.annotations.Nullable;

/** Why a job ends without an image; the message is for whoever sent the request. */
final class JobFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status status;
  private final FailureKind kind;
  private final boolean aboutReuse;

  private JobFailedException(
      Status status,
      FailureKind kind,
      String message,
      boolean aboutReuse,
      @Nullable Throwable cause) {
    super(message, cause);
    this.status = status;
    this.kind = kind;
    this.aboutReuse = aboutReuse;
  }

  /** The request can never succeed as it is. */
  static JobFailedException rejected(String message, @Nullable Throwable cause) {
    return new JobFailedException(Status.REJECTED, FailureKind.REJECTED, message, false, cause);
  }

  static JobFailedException rejected(String message) {
    return rejected(message, null);
  }

  /** Its id is another edit's, whose result stands; nothing is said about that one. */
  static JobFailedException idReused(String requestId) {
    return new JobFailedException(
        Status.REJECTED,
        FailureKind.REJECTED,
        "requestId " + requestId + " was used before for another edit",
        true,
        null);
  }

  static JobFailedException cancelled() {
    return new JobFailedException(
        Status.CANCELLED, FailureKind.REJECTED, "cancelled by the client", false, null);
  }

  static JobFailedException expired() {
    return new JobFailedException(
        Status.EXPIRED,
        FailureKind.REJECTED,
        "its deadline passed before it was finished",
        false,
        null);
  }

  static JobFailedException failed(FailureKind kind, String message, @Nullable Throwable cause) {
    return new JobFailedException(Status.FAILED, kind, message, false, cause);
  }

  Status status() {
    return status;
  }

  FailureKind kind() {
    return kind;
  }

  /** Whether it says nothing of the edit that first had this id. */
  boolean isAboutReuse() {
    return aboutReuse;
  }
}
