package io.smartedit.pipeline;

import ai.djl.ndarray.NDManager;
import io.smartedit.image.Picture;
import io.smartedit.nn.Tap;

/** Turns a picture and an instruction into a condition. Used from one thread at a time. */
public sealed interface Conditioner extends AutoCloseable
    permits MultimodalConditioner, TextConditioner {

  /**
   * Checks an instruction without computing anything.
   *
   * @throws io.smartedit.BadRequestException if it is empty, holds a special token or is too long
   */
  void check(String instruction);

  /**
   * @param manager owns the result
   * @param canvas the working size the condition is for
   */
  Condition condition(
      NDManager manager, Picture picture, String instruction, Canvas canvas, Tap tap);

  /** Frees the weights. */
  @Override
  void close();
}
