package io.smartedit.training.data;

import io.smartedit.image.ImageCodec;
import io.smartedit.image.ImageLimits;
import io.smartedit.image.Picture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** One example of a data set: which files it needs and what is to be learned from them. */
public sealed interface Example {

  /** An example in which a picture is looked at. */
  sealed interface Pictured extends Example {
    Path picture();
  }

  /**
   * A picture before and after an edit.
   *
   * @param instructions several ways to say it, at least one
   */
  record Edit(Path picture, Path target, List<String> instructions) implements Pictured {
    public Edit {
      instructions = List.copyOf(instructions);
      if (instructions.isEmpty()) {
        throw new IllegalArgumentException(picture + " has no instruction");
      }
    }
  }

  /**
   * A mask of something in a picture, learned as an edit that paints its pixels.
   *
   * @param mask bright where the thing is
   * @param expression what the thing is called
   */
  record Segment(Path picture, Path mask, String expression) implements Pictured {}

  /** What a picture shows, in words; the picture itself is not looked at. */
  record Caption(String text) implements Example {}

  /** Questions about a picture and their answers. */
  record Talk(Path picture, List<Turn> turns) implements Pictured {
    public Talk {
      turns = List.copyOf(turns);
    }
  }

  /** A question and its answer. */
  record Turn(String question, String answer) {}

  /**
   * Reads a picture of an example.
   *
   * @throws IOException if it is missing, too large, or no picture; the message names it
   */
  static Picture read(Path file) throws IOException {
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
