package io.smartedit.worker;

/**
 * How many edits share a denoising call, as it is set: a number, or {@code auto} for what the
 * worker finds best.
 *
 * @param most edits
 * @param measured whether the worker chooses, up to that
 */
record BatchChoice(int most, boolean measured) {

  static final String AUTO = "auto";

  private static final int MOST = 64;
  private static final int MOST_BY_ITSELF = 16;

  /**
   * @throws IllegalArgumentException saying what is wanted
   */
  static BatchChoice read(String text) {
    if (text.strip().equals(AUTO)) {
      return new BatchChoice(MOST_BY_ITSELF, true);
    }
    try {
      int edits = Integer.parseInt(text.strip());
      if (edits >= 1 && edits <= MOST) {
        return new BatchChoice(edits, false);
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(wanted(), e);
    }
    throw new IllegalArgumentException(wanted());
  }

  private static String wanted() {
    return "must be auto or a whole number from 1 to " + MOST;
  }

  /** The same where no more than so many can come. */
  BatchChoice within(int inFlight) {
    return measured ? new BatchChoice(Math.min(most, inFlight), true) : this;
  }

  /** Edits that are expected to share a call. */
  int usual() {
    return measured ? Math.min(most, BatchLimit.AT_FIRST) : most;
  }
}
