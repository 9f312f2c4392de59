package io.smartedit.client;

import java.util.Map;

/**
 * How a batch is.
 *
 * @param state OPEN, RUNNING, PAUSED, CANCELLING, CANCELLED or COMPLETED
 * @param lines that are known
 * @param counts lines by what they are: open, edited, rejected, failed, cancelled, expired
 * @param progress share of the lines that have ended, 0 to 1
 */
public record BatchStatus(
    String batch, String state, long lines, Map<String, Long> counts, double progress) {

  /** Keeps a copy. */
  public BatchStatus {
    counts = Map.copyOf(counts);
  }

  /** Whether all its lines have ended. */
  public boolean isFinished() {
    return state.equals("COMPLETED") || state.equals("CANCELLED");
  }
}
