package io.smartedit.standalone;

import io.smartedit.image.Bicubic;
import io.smartedit.image.Picture;
import io.smartedit.training.SampleSheet;
import io.smartedit.training.emoji.EmojiEdit;
import io.smartedit.training.emoji.EmojiEdit.Kind;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The demo's pictures, two of each class that training never saw, and what became of them. */
final class DemoPictures {

  private static final long SEED = 1;
  private static final int EACH = 2;

  /** A picture, what to do to it, and what it should become. */
  record Sample(String name, Picture picture, String instruction, Picture target) {}

  /** A finished pair. */
  record Pair(Sample sample, Picture edited) {}

  private DemoPictures() {}

  /**
   * Drawn on the spot; the same every time.
   *
   * @param side the model's working size, in pixels
   */
  static List<Sample> samples(int side) {
    EmojiEdits edits = new EmojiEdits(SEED, Split.HELD_OUT);
    List<Sample> samples = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      for (int i = 0; i < EACH; i++) {
        EmojiEdit edit = edits.get(kind, i);
        samples.add(
            new Sample(
                kind.toString().replace('_', '-') + "-" + (i + 1),
                sized(edit.source().draw(), side),
                edit.instruction(),
                sized(edit.target().draw(), side)));
      }
    }
    return samples;
  }

  /** Rows of source, edit and target. */
  static void writeSheet(Path png, List<Pair> pairs) throws IOException {
    SampleSheet sheet = new SampleSheet();
    for (Pair pair : pairs) {
      Sample sample = pair.sample();
      sheet.add(sample.instruction(), sample.picture(), pair.edited(), sample.target());
    }
    sheet.write(png);
  }

  private static Picture sized(Picture picture, int side) {
    return picture.width() == side ? picture : Bicubic.resize(picture, side, side);
  }
}
