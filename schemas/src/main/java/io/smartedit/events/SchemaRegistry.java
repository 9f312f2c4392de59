package io.smartedit.events;

import org.apache.avro.Schema;

/** Gives schemas their ids. Implementations are thread-safe. */
public interface SchemaRegistry {

  /**
   * The id of a schema under a subject; registers it where it is new.
   *
   * @throws RegistryException if the registry refuses it or cannot be reached
   */
  int register(String subject, Schema schema);

  /**
   * The schema that wrote a record.
   *
   * @throws RegistryException if there is none with this id, or the registry cannot be reached
   */
  Schema byId(int id);
}
