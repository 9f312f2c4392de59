package io.smartedit.provenance;

/** A program that makes or changes images. */
public record SoftwareAgent(String name, String version) {

  public SoftwareAgent {
    if (name.isBlank() || version.isBlank()) {
      throw new IllegalArgumentException("a software agent needs a name and a version");
    }
  }
}
