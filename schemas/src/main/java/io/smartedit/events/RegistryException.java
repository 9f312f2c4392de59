package io.smartedit.events;

import org.apache.kafka.common.errors.SerializationException;

/** The schema registry could not give or take a schema; {@link #kind} says who can act. */
public final class RegistryException extends SerializationException {
  private static final long serialVersionUID = 1L;

  private final Kind kind;

  /** What went wrong, by who can act: whoever wrote the record, whoever runs the services, time. */
  public enum Kind {
    /** The record's: there is no such schema, or none that Avro reads; asking again is no help. */
    UNKNOWN_SCHEMA,
    /**
     * The operator's: address, password or rights, or a schema of ours that the registry refuses.
     * No record is to blame, and none passes until it is mended.
     */
    MISCONFIGURED,
    /** Time's: the registry is gone, slow or broken; asking again later may help. */
    UNAVAILABLE
  }

  public RegistryException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public RegistryException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** A registry that does not answer. */
  public RegistryException(String message, Throwable cause) {
    this(Kind.UNAVAILABLE, message, cause);
  }

  public Kind kind() {
    return kind;
  }

  /** Whether asking again cannot help: the registry answered that there is no such schema. */
  public boolean isUnknownSchema() {
    return kind == Kind.UNKNOWN_SCHEMA;
  }
}
