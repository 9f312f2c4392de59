package io.smartedit.events;

import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;

/**
 * Limits of the schemas that a writer may have used. Avro unfolds a schema before it reads by it,
 * so that a page of records each of which names the one before it ten times would take the heap,
 * and one that holds itself would never end.
 */
final class WriterSchema {

  /** A hundred times what the largest of our events has. */
  private static final int MAX_PARTS = 20_000;

  private static final int MAX_DEPTH = 64;

  /** Of the records that are unfolded already, and of those that are being unfolded. */
  private final Map<Schema, Extent> extents = new IdentityHashMap<>();

  /** How much a schema is with all that it names, and how deep it goes. */
  private record Extent(int parts, int height) {

    static final Extent ONE = new Extent(1, 1);

    Extent plus(Extent other) {
      return limited(parts + other.parts, Math.max(height, other.height));
    }

    Extent under(int more) {
      return limited(parts + more, height + 1);
    }

    private static Extent limited(int parts, int height) {
      if (parts > MAX_PARTS) {
        throw new AvroRuntimeException("the schema has more than " + MAX_PARTS + " parts");
      }
      if (height > MAX_DEPTH) {
        throw new AvroRuntimeException("the schema is nested deeper than " + MAX_DEPTH);
      }
      return new Extent(parts, height);
    }
  }

  private WriterSchema() {}

  /**
   * Checks a schema.
   *
   * @throws AvroRuntimeException if it is too large, too deep, or without end
   */
  static void check(Schema schema) {
    new WriterSchema().unfold(schema, Set.of(), 0);
  }

  /**
   * @param enclosing the records that hold it, up to the nearest array, map or union
   * @param depth of the way here, which must not be deeper than the schema may be
   */
  private Extent unfold(Schema schema, Set<String> enclosing, int depth) {
    if (depth > MAX_DEPTH) {
      throw new AvroRuntimeException("the schema is nested deeper than " + MAX_DEPTH);
    }
    return switch (schema.getType()) {
      case RECORD -> record(schema, enclosing, depth);
      case ARRAY -> unfold(schema.getElementType(), Set.of(), depth + 1).under(1);
      case MAP -> unfold(schema.getValueType(), Set.of(), depth + 1).under(1);
      case UNION -> all(schema.getTypes(), Set.of(), depth);
      case ENUM -> Extent.ONE.under(schema.getEnumSymbols().size());
      default -> Extent.ONE;
    };
  }

  private Extent record(Schema schema, Set<String> enclosing, int depth) {
    if (enclosing.contains(schema.getFullName())) {
      throw new AvroRuntimeException("a record of the schema holds itself");
    }
    Extent known = extents.get(schema);
    if (known != null) {
      return known;
    }
    extents.put(schema, Extent.ONE);
    Set<String> inside = new HashSet<>(enclosing);
    inside.add(schema.getFullName());
    List<Schema> fields = schema.getFields().stream().map(Schema.Field::schema).toList();
    Extent extent = all(fields, inside, depth);
    extents.put(schema, extent);
    return extent;
  }

  private Extent all(List<Schema> schemas, Set<String> enclosing, int depth) {
    Extent sum = Extent.ONE;
    for (Schema schema : schemas) {
      sum = sum.plus(unfold(schema, enclosing, depth + 1));
    }
    return sum.under(1);
  }
}
