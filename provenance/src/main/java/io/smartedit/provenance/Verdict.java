package io.smartedit.provenance;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What an image's credentials are worth.
 *
 * @param state whether they are there and hold
 * @param trust whether their signer is known
 * @param generator what wrote them, by their own words; empty where they do not say
 * @param signer whom the certificate names; empty where there is none
 * @param signedAt by a time-stamp that holds
 * @param findings in the order they were made
 */
public record Verdict(
    State state,
    Trust trust,
    String generator,
    String signer,
    Optional<Instant> signedAt,
    List<Status> findings) {

  static final Verdict ABSENT =
      new Verdict(State.ABSENT, Trust.NOT_JUDGED, "", "", Optional.empty(), List.of());

  public Verdict {
    findings = List.copyOf(findings);
  }

  /** In a few words: the state, and why where they are broken. */
  public String summary() {
    String words = state.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    return state == State.BROKEN ? words + ": " + String.join(", ", failures()) : words;
  }

  /** Codes of what failed, most important first, each once. */
  public List<String> failures() {
    return findings.stream()
        .filter(finding -> finding.kind() == Status.Kind.FAILURE)
        .map(Status::code)
        .distinct()
        .toList();
  }

  /** Whether credentials are there and hold. */
  public enum State {
    /** There are none. */
    ABSENT,
    /** The image is what was signed. */
    INTACT,
    /** They are there, and the image, they themselves or their certificate do not hold. */
    BROKEN,
    /** They are there, in a way that is not read here: compressed, or bound by other hashes. */
    NOT_JUDGED
  }

  /** Whether a signer is known. */
  public enum Trust {
    /** Nobody said whom to trust. */
    NOT_JUDGED,
    TRUSTED,
    UNTRUSTED
  }
}
