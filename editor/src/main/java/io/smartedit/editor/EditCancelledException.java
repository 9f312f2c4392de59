package io.smartedit.editor;

/** The observer cancelled the edit. */
public final class EditCancelledException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public EditCancelledException(int done, int steps) {
    super("cancelled after " + done + " of " + steps + " steps");
  }
}
