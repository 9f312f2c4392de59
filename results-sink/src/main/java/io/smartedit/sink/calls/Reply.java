package io.smartedit.sink.calls;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What came back of a call: an HTTP answer, or why there is none.
 *
 * @param status 0 where there is none
 * @param body its beginning
 * @param retryAfter when the other side wants to be asked again, where it says so
 * @param problem why there is no answer; none where there is one
 * @param refused whether the address is one that is not called
 */
@SuppressWarnings("ArrayRecordComponent") // neither compared nor hashed
public record Reply(
    int status,
    byte[] body,
    @Nullable Duration retryAfter,
    @Nullable String problem,
    boolean refused,
    Duration took) {

  boolean isGood() {
    return status >= 200 && status < 300;
  }

  /** Whether it is this call that is not wanted: another of the same endpoint may be. */
  boolean isOfThisCall() {
    return status >= 400 && status < 500 && status != 408 && status != 425 && status != 429;
  }

  String said() {
    return problem == null ? "HTTP " + status : problem;
  }
}
