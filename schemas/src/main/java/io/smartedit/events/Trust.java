package io.smartedit.events;

import org.apache.avro.util.ClassSecurityValidator;

/**
 * Tells Avro, which since 1.12.2 loads no class that it was not told to trust, that the events of
 * this package are ours. What else the process trusts stays trusted.
 */
public final class Trust {

  static {
    ClassSecurityValidator.ClassSecurityPredicate before = ClassSecurityValidator.getGlobal();
    ClassSecurityValidator.setGlobal(
        ClassSecurityValidator.composite(
            before, type -> type.getPackage() == Trust.class.getPackage()));
  }

  private Trust() {}

  /** Takes effect at the first call; more do nothing. */
  public static void ours() {}
}
