package io.smartedit.training.paper;

import io.smartedit.editor.image.Image;
import java.util.Optional;

/**
 * What a model is to learn from one example.
 *
 * @param image as it is, of any size
 * @param text the conversation about it
 * @param target what is to be painted, a square of the working size; empty where only talking is
 *     learned
 */
record Lesson(Image image, TokenizedConversation text, Optional<Image> target) {}
