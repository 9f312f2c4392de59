package io.smartedit.events;

/** A request that breaks {@link RequestRules}; names the field, the value and the limit. */
public final class InvalidRequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String field;

  InvalidRequestException(String field, String message) {
    super(field + " " + message);
    this.field = field;
  }

  /** The field's name, with dots into {@code options}. */
  public String field() {
    return field;
  }
}
