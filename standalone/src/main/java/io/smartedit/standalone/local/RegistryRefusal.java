package io.smartedit.standalone.local;

/** A refusal in the registry protocol's terms: HTTP status and code in one number, as 40403. */
final class RegistryRefusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;

  private RegistryRefusal(int code, String message) {
    super(message);
    this.code = code;
  }

  static RegistryRefusal http(int status, String reason) {
    return new RegistryRefusal(status, "HTTP " + status + " " + reason);
  }

  static RegistryRefusal noSubject(String subject) {
    return new RegistryRefusal(40401, "Subject '" + subject + "' not found.");
  }

  static RegistryRefusal noVersion(int version) {
    return new RegistryRefusal(40402, "Version " + version + " not found.");
  }

  static RegistryRefusal noSchema(String what) {
    return new RegistryRefusal(40403, what + " not found");
  }

  static RegistryRefusal subjectDeleted(String subject) {
    return new RegistryRefusal(
        40404, "Subject '" + subject + "' was soft deleted. Set permanent=true to delete it.");
  }

  static RegistryRefusal subjectNotDeleted(String subject) {
    return new RegistryRefusal(
        40405, "Subject '" + subject + "' was not deleted first before being permanently deleted.");
  }

  static RegistryRefusal versionDeleted(String subject, int version) {
    return new RegistryRefusal(
        40406,
        "Subject '"
            + subject
            + "' Version "
            + version
            + " was soft deleted. Set permanent=true to"
            + " delete it.");
  }

  static RegistryRefusal versionNotDeleted(String subject, int version) {
    return new RegistryRefusal(
        40407,
        "Subject '"
            + subject
            + "' Version "
            + version
            + " was not deleted first before being"
            + " permanently deleted.");
  }

  static RegistryRefusal noOwnLevel(String subject) {
    return new RegistryRefusal(
        40408, "Subject '" + subject + "' does not have subject-level compatibility configured");
  }

  static RegistryRefusal incompatible(String subject) {
    return new RegistryRefusal(
        409, "Schema being registered is incompatible with an earlier schema for " + subject);
  }

  static RegistryRefusal invalidSchema(String why) {
    return new RegistryRefusal(42201, "Invalid schema: " + why);
  }

  static RegistryRefusal invalidVersion(String version) {
    return new RegistryRefusal(
        42202,
        "The specified version '"
            + version
            + "' is not a valid version id. Allowed values are"
            + " between [1, 2^31-1] and the string \"latest\"");
  }

  static RegistryRefusal invalidLevel() {
    return new RegistryRefusal(
        42203,
        "Invalid compatibility level. Valid values are none, backward, forward, full,"
            + " backward_transitive, forward_transitive, and full_transitive");
  }

  static RegistryRefusal referenced(String subject, int version) {
    return new RegistryRefusal(
        42206,
        "One or more references exist to the schema of " + subject + " version " + version + ".");
  }

  int code() {
    return code;
  }

  int status() {
    return code >= 1000 ? code / 100 : code;
  }
}
