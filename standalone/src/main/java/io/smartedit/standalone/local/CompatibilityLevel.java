package io.smartedit.standalone.local;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/** Which schemas of a subject a new one has to read, and which have to read it. */
enum CompatibilityLevel {
  NONE(false, false, false),
  BACKWARD(true, false, false),
  BACKWARD_TRANSITIVE(true, false, true),
  FORWARD(false, true, false),
  FORWARD_TRANSITIVE(false, true, true),
  FULL(true, true, false),
  FULL_TRANSITIVE(true, true, true);

  private final boolean readsOld;
  private final boolean readByOld;
  private final boolean all;

  CompatibilityLevel(boolean readsOld, boolean readByOld, boolean all) {
    this.readsOld = readsOld;
    this.readByOld = readByOld;
    this.all = all;
  }

  /**
   * @throws RegistryRefusal where there is no such level
   */
  static CompatibilityLevel named(String name) {
    return Arrays.stream(values())
        .filter(level -> level.name().equals(name.toUpperCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(RegistryRefusal::invalidLevel);
  }

  /**
   * @param before oldest first
   */
  boolean allows(Schema schema, List<Schema> before) {
    List<Schema> counted =
        all || before.isEmpty() ? before : before.subList(before.size() - 1, before.size());
    return counted.stream()
        .allMatch(old -> (!readsOld || reads(schema, old)) && (!readByOld || reads(old, schema)));
  }

  private static boolean reads(Schema reader, Schema writer) {
    return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer).getType()
        == SchemaCompatibilityType.COMPATIBLE;
  }
}
