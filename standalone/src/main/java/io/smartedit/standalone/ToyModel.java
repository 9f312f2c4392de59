package io.smartedit.standalone;

import java.nio.file.Path;

/** The checkpoint of random weights that stands in until one that edits is shipped. */
final class ToyModel {

  private ToyModel() {}

  /** In the project's folder, which the launcher names. */
  static Path folder() {
    String home = System.getProperty("smartedit.home", ".");
    return Path.of(home, "editor", "src", "test", "resources", "parity", "tiny");
  }
}
