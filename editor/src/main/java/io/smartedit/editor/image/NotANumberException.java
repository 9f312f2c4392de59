package io.smartedit.editor.image;

/**
 * The model gave numbers that are none: its weights are damaged, or too large for the precision it
 * runs in. No image is made of them.
 */
public final class NotANumberException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param where the numbers were found
   * @param bad how many of them are no numbers
   */
  public NotANumberException(String where, long bad, long all) {
    super(
        where
            + ": "
            + bad
            + " of "
            + all
            + " values are not finite numbers; the model's weights are damaged, or need another"
            + " precision");
  }
}
