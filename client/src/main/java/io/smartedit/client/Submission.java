package io.smartedit.client;

import java.util.List;

/**
 * What became of a batch's lines when they were submitted.
 *
 * @param accepted lines
 * @param refused the first hundred that were, and why
 */
public record Submission(String batch, long accepted, long refusals, List<Refusal> refused) {

  /** Of {@link #refused}. */
  static final int SHOWN = 100;

  /** Keeps a copy. */
  public Submission {
    refused = List.copyOf(refused);
  }

  /** A line that was refused. */
  public record Refusal(long line, String reason) {}
}
