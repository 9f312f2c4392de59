package io.smartedit.events;

import org.apache.kafka.common.errors.SerializationException;

/** The schema registry refused, does not know a schema, or could not be reached. */
public final class RegistryException extends SerializationException {
  private static final long serialVersionUID = 1L;

  private final boolean unknownSchema;

  public RegistryException(String message, boolean unknownSchema) {
    super(message);
    this.unknownSchema = unknownSchema;
  }

  public RegistryException(String message, Throwable cause) {
    super(message, cause);
    this.unknownSchema = false;
  }

  /** Whether asking again cannot help: the registry answered that there is no such schema. */
  public boolean isUnknownSchema() {
    return unknownSchema;
  }
}
