package io.smartedit.sink.calls;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How patient calls are.
 *
 * @param limit after which a call is given up
 * @param first pause before it is tried again; each is twice as long
 * @param longest such pause
 */
public record CallRules(Duration limit, Duration first, Duration longest) {

  /** Longer than that nobody may ask us to wait. */
  private static final Duration LONGEST_WISH = Duration.ofHours(1);

  private static final int DOUBLINGS = 20;
  private static final double SPREAD = 0.1 / 256;

  /**
   * The pause after so many failures in a row, spread a little so that calls do not come together.
   *
   * @param wish of the other side
   */
  long pauseMillis(int failures, String id, @Nullable Duration wish) {
    long doubled = first.toMillis() << Math.min(failures - 1, DOUBLINGS);
    long pause = Math.min(doubled, longest.toMillis());
    pause += (long) (pause * SPREAD * (id.hashCode() & 0xFF));
    if (wish == null) {
      return pause;
    }
    return Math.max(pause, Math.min(wish.toMillis(), LONGEST_WISH.toMillis()));
  }
}
