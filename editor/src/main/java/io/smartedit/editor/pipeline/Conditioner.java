package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDManager;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.nn.Tap;

/** Turns an image and an instruction into a condition. Used from one thread at a time. */
public sealed interface Conditioner extends AutoCloseable
    permits MultimodalConditioner, TextConditioner {

  /**
   * Checks an instruction without computing anything.
   *
   * @throws io.smartedit.editor.options.BadRequestException if it is empty, holds a special token
   *     or is too long
   */
  void check(String instruction);

  /**
   * @param manager owns the result
   * @param size the working size the condition is for
   * @param reuse where parts of it may lie already
   */
  Condition condition(
      NDManager manager, Image image, String instruction, WorkingSize size, Reuse reuse, Tap tap);

  /** Frees the weights. */
  @Override
  void close();
}
