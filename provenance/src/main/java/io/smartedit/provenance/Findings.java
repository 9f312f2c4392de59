package io.smartedit.provenance;

import io.smartedit.provenance.Status.Kind;
import io.smartedit.provenance.Verdict.State;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was found out about one image's credentials, in order. */
final class Findings {

  /** Is for whoever trusts to decide, and breaks nothing. */
  static final String UNTRUSTED = "signingCredential.untrusted";

  private static final String NOT_JUDGED = "io.smartedit.notJudged";
  private static final int MOST = 1_000;

  private final List<Status> all = new ArrayList<>();
  private boolean holds = true;
  private boolean judged = true;

  void add(Kind kind, String code, String url, String explanation) {
    if (kind == Kind.FAILURE && !code.equals(UNTRUSTED)) {
      holds = false;
    }
    if (all.size() < MOST) {
      all.add(new Status(kind, code, url, explanation));
    }
  }

  void fail(String code, String url, @Nullable String explanation) {
    add(Kind.FAILURE, code, url, String.valueOf(explanation));
  }

  void note(String code, String url, String explanation) {
    add(Kind.INFORMATIONAL, code, url, explanation);
  }

  /** Something that is not judged here. */
  void pass(String url, String explanation) {
    judged = false;
    note(NOT_JUDGED, url, explanation);
  }

  State state() {
    return holds ? (judged ? State.INTACT : State.NOT_JUDGED) : State.BROKEN;
  }

  List<Status> all() {
    return all;
  }
}
