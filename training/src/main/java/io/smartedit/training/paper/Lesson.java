package io.smartedit.training.paper;

import io.smartedit.image.Picture;
import java.util.Optional;

/**
 * What a model is to learn from one example.
 *
 * @param picture as it is, of any size
 * @param ids tokens of the whole conversation, the picture's placeholder among them
 * @param labels a token a place: what is to be said there, or -100 where nothing is learned
 * @param target what is to be painted, a square of the working size; empty where only talking is
 *     learned
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Lesson(Picture picture, int[] ids, long[] labels, Optional<Picture> target) {

  @Override
  public String toString() {
    return "lesson of " + ids.length + " tokens on " + picture;
  }
}
