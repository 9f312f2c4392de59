package io.smartedit.events;

import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;

/** A registry in the heap, for tests of one process. Ids count from 1. */
public final class InMemorySchemaRegistry implements SchemaRegistry {

  private final List<Schema> schemas = new ArrayList<>();

  @Override
  public synchronized int register(String subject, Schema schema) {
    if (!schemas.contains(schema)) {
      schemas.add(schema);
    }
    return schemas.indexOf(schema) + 1;
  }

  @Override
  public synchronized Schema byId(int id) {
    if (id < 1 || id > schemas.size()) {
      throw new RegistryException(
          RegistryException.Kind.UNKNOWN_SCHEMA, "there is no schema " + id);
    }
    return schemas.get(id - 1);
  }
}
