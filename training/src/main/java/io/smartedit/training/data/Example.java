package io.smartedit.training.data;

import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** One example of a data set: which files it needs and what is to be learned from them. */
public sealed interface Example {

  /** An example in which an image is looked at. */
  sealed interface WithImage extends Example {
    Path image();
  }

  /**
   * An image before and after an edit.
   *
   * @param instructions several ways to say it, at least one
   */
  record Edit(Path image, Path target, List<String> instructions) implements WithImage {
    public Edit {
      instructions = List.copyOf(instructions);
      if (instructions.isEmpty()) {
        throw new IllegalArgumentException(image + " has no instruction");
      }
    }
  }

  /**
   * A mask of something in an image, learned as an edit that paints its pixels.
   *
   * @param mask bright where the thing is
   * @param expression what the thing is called
   */
  record Segment(Path image, Path mask, String expression) implements WithImage {}

  /** What an image shows, in words; the image itself is not looked at. */
  record Caption(String text) implements Example {}

  /** Questions about an image and their answers. */
  record Talk(Path image, List<Turn> turns) implements WithImage {
    public Talk {
      turns = List.copyOf(turns);
    }
  }

  /** A question and its answer. */
  record Turn(String question, String answer) {}

  /**
   * Reads an image of an example.
   *
   * @throws IOException if it is missing, too large, or no image; the message names it
   */
  static Image read(Path file) throws IOException {
    if (Files.size(file) > ImageLimits.DEFAULT.maxBytes()) {
      throw new IOException(file + ": more than " + ImageLimits.DEFAULT.maxBytes() + " bytes");
    }
    try {
      return ImageCodec.decode(Files.readAllBytes(file), ImageLimits.DEFAULT);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }
}
