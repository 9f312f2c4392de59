package io.smartedit.editor;

/** Follows an edit, and may end it between two steps. Called on the editing thread. */
public interface EditObserver {

  /** Sees nothing, cancels nothing. */
  EditObserver NONE = new EditObserver() {};

  /** A stage begins. */
  default void stage(Stage stage) {}

  /** Denoising steps done. */
  default void step(int done, int steps) {}

  /** Asked before every step; true ends the edit with {@link EditCancelledException}. */
  default boolean isCancelled() {
    return false;
  }

  /** What takes time in an edit. */
  enum Stage {
    LOADING,
    READING,
    DENOISING,
    DEVELOPING
  }
}
