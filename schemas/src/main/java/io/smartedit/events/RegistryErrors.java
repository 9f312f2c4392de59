package io.smartedit.events;

import io.smartedit.events.RegistryException.Kind;

/**
 * Who can act on an error of a schema registry, by what Confluent's documents
 * (https://docs.confluent.io/platform/current/schema-registry/develop/api.html) and Apicurio's
 * speaks after it (https://www.apicur.io/registry/docs, "ccompat"). A schema that is looked up was
 * named by a record, so that it is missing concerns the record; one that is registered is ours.
 */
final class RegistryErrors {

  private RegistryErrors() {}

  /** Of a look-up by id, or of a schema that another one refers to. */
  static Kind ofLookUp(int status, int code) {
    return switch (code) {
      case 40401, 40402, 40403, 42201, 42202 -> Kind.UNKNOWN_SCHEMA;
      default -> byStatus(status);
    };
  }

  /** Of a registration, or of a look-up of one of our own schemas. */
  static Kind ofRegistration(int status) {
    return byStatus(status);
  }

  /**
   * Of any request: 401 and 403 are missing rights, 404 is another server or another path, 409 and
   * 422 a schema that is refused or a subject that is read-only (42205).
   */
  private static Kind byStatus(int status) {
    return switch (status) {
      case 408, 425, 429 -> Kind.UNAVAILABLE;
      case 501, 505 -> Kind.MISCONFIGURED;
      default -> status >= 500 ? Kind.UNAVAILABLE : Kind.MISCONFIGURED;
    };
  }
}
