package io.smartedit.sink.calls;

import org.jspecify.annotations.Nullable;

/** A call that may not be made, now or later; says why. */
public final class CallRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  public CallRefusedException(String why) {
    super(why);
  }

  public CallRefusedException(@Nullable String why, Throwable cause) {
    super(why, cause);
  }
}
