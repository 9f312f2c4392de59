package io.smartedit.provenance;

import java.util.Locale;

/**
 * One finding about credentials.
 *
 * @param kind what it means for them
 * @param code as C2PA has it (2.2, 15.2.2)
 * @param url of the box it is about; empty where it is about all
 * @param explanation for people
 */
public record Status(Kind kind, String code, String url, String explanation) {

  /** What a finding means. */
  public enum Kind {
    SUCCESS,
    INFORMATIONAL,
    FAILURE;

    /** As manifests write it. */
    String field() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
