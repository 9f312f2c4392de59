package io.smartedit.client;

/** An edit that has ended without a result. */
public final class EditFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final String requestId;
  private final String status;
  private final String kind;

  EditFailedException(String requestId, String status, String kind, String message) {
    super("request " + requestId + " is " + status + ": " + message);
    this.requestId = requestId;
    this.status = status;
    this.kind = kind;
  }

  public String requestId() {
    return requestId;
  }

  /** REJECTED, FAILED, CANCELLED or EXPIRED. */
  public String status() {
    return status;
  }

  /** REJECTED, EXTERNAL, RESOURCES or INTERNAL: what may be done about it. */
  public String kind() {
    return kind;
  }
}
