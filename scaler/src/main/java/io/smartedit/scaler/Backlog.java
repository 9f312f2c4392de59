package io.smartedit.scaler;

import io.smartedit.service.EditSeconds;
import java.time.Instant;
import java.util.Map;

/**
 * What workers have before them, at one moment.
 *
 * @param queued requests that have no outcome yet, those under way included, by model; those that
 *     name none under {@link #ANY}
 * @param seconds of device time that an edit takes, by the same, as far as measured
 * @param usual seconds of an edit of which none was measured
 */
record Backlog(
    Map<String, Long> queued, Map<String, Double> seconds, double usual, Instant readAt) {

  /** Requests that name no model. */
  static final String ANY = EditSeconds.ANY;

  Backlog {
    queued = Map.copyOf(queued);
    seconds = Map.copyOf(seconds);
  }

  /** Requests for one model. */
  long queued(String model) {
    return queued.getOrDefault(model, 0L);
  }

  /** Device time that those want. */
  double seconds(String model) {
    return queued(model) * seconds.getOrDefault(model, usual);
  }
}
