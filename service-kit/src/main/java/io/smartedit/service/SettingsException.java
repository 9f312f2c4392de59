package io.smartedit.service;

import java.util.List;

/** Settings that cannot be used; says all that is wrong with them, one line each. */
public final class SettingsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SettingsException(List<String> problems) {
    super(String.join("\n", problems));
  }
}
