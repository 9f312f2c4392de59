package io.smartedit.training.paper;

import io.smartedit.image.Picture;
import java.util.Optional;

/**
 * What a model is to learn from one example.
 *
 * @param picture as it is, of any size
 * @param text the conversation about it
 * @param target what is to be painted, a square of the working size; empty where only talking is
 *     learned
 */
record Lesson(Picture picture, Spoken text, Optional<Picture> target) {}
