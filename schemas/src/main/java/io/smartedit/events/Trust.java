package io.smartedit.events;

import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Tells Avro, which since 1.12.2 loads no class that it was not told to trust, that the events of
 * this package are ours. What else the process trusts stays trusted.
 *
 * <p>Avro asks for providers of logical types before it parses its first schema, and so before the
 * first event is built, whoever builds it: that is when this takes effect. It provides no type.
 */
public final class Trust implements LogicalTypes.LogicalTypeFactory {

  static {
    ClassSecurityValidator.ClassSecurityPredicate before = ClassSecurityValidator.getGlobal();
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            before, type -> type.getPackage() == Trust.class.getPackage()));
  }

  /** For Avro's service loader. */
  public Trust() {}

  /** Takes effect at the first call; more do nothing. */
  public static void ours() {}

  @Override
  public String getTypeName() {
    return "io.smartedit.events.trust";
  }

  @Override
  public LogicalType fromSchema(Schema schema) {
    throw new IllegalArgumentException(getTypeName() + " is no logical type");
  }
}
