package io.smartedit.worker;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;

/**
 * Says when a request is given up because it kills workers.
 *
 * <p>A worker's death is no proof: hosts fail, and processes are killed from outside. Deaths in
 * company only make a request a suspect, which from then on runs alone. Deaths while it runs alone
 * count: {@value #DEATHS} of them park it. Where a death was seen to have come from outside within
 * the last {@code MEMORY} anywhere in the group (a request over which a worker died alone came to
 * its end after all), a storm is on, and it takes {@value #DEATHS_IN_A_STORM}.
 *
 * <p>Its error, with kills at rate r a worker and an edit of t seconds: an innocent that was hit is
 * parked with probability (1 - e^-rt)^3 before the first evidence, then with (1 - e^-rt)^6. See
 * docs/decisions/009.
 */
final class PoisonRule {

  static final int DEATHS = 3;
  static final int DEATHS_IN_A_STORM = 6;
  private static final Duration MEMORY = Duration.ofMinutes(30);

  private PoisonRule() {}

  /** Whether it could be given up, so that the group's notes are worth reading. */
  static boolean isDoubtful(Attempts attempts) {
    return attempts.alone() >= DEATHS;
  }

  /** Whether it is given up. {@code group} is what stands beside every committed offset. */
  static boolean isPoison(Attempts attempts, Collection<CommitMetadata> group, Instant now) {
    Instant last =
        group.stream()
            .map(CommitMetadata::outsideDeath)
            .max(Instant::compareTo)
            .orElse(Instant.MIN);
    return isPoison(attempts, last, now);
  }

  /** The same, where {@code outsideDeath} is when a death was last seen to come from outside. */
  static boolean isPoison(Attempts attempts, Instant outsideDeath, Instant now) {
    boolean storm = outsideDeath.isAfter(now.minus(MEMORY));
    return attempts.alone() >= (storm ? DEATHS_IN_A_STORM : DEATHS);
  }
}
