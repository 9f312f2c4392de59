package io.smartedit.standalone;

import java.nio.file.Path;

/** The small model that comes with the project, and is run where no other is named. */
final class ShippedModel {

  private ShippedModel() {}

  /** In the project's folder, which the launcher names. */
  static Path folder() {
    return Path.of(System.getProperty("smartedit.home", "."), "models", "smartedit-mini");
  }
}
