package io.smartedit.worker;

import io.smartedit.events.FailureKind;
import io.smartedit.events.Status;

/** Why a request ends without an image; the message is for whoever sent it. */
final class EditFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status status;
  private final FailureKind kind;

  EditFailure(Status status, FailureKind kind, String message) {
    super(message);
    this.status = status;
    this.kind = kind;
  }

  static EditFailure rejected(String message) {
    return new EditFailure(Status.REJECTED, FailureKind.REJECTED, message);
  }

  static EditFailure failed(FailureKind kind, String message) {
    return new EditFailure(Status.FAILED, kind, message);
  }

  Status status() {
    return status;
  }

  FailureKind kind() {
    return kind;
  }
}
