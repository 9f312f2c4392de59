package io.smartedit.standalone.local;

import java.util.List;

/**
 * A schema under a subject; equal schemas have one id everywhere.
 *
 * @param deleted softly: no longer listed, still found by its id
 */
record RegisteredSchema(
    String subject,
    int version,
    int id,
    String schema,
    List<Reference> references,
    boolean deleted) {

  /** A schema of another subject that this one names. */
  record Reference(String name, String subject, int version) {}

  RegisteredSchema {
    references = List.copyOf(references);
  }

  /** Whether it is the same schema, under whatever subject. */
  boolean isSame(SchemaText other) {
    return schema.equals(other.text()) && references.equals(other.references());
  }

  /** What a client registers or looks up. */
  record SchemaText(String text, List<Reference> references) {
    SchemaText {
      references = List.copyOf(references);
    }
  }

  RegisteredSchema softlyDeleted() {
    return new RegisteredSchema(subject, version, id, schema, references, true);
  }
}
