package io.smartedit.standalone;

import io.smartedit.editor.image.Image;
import io.smartedit.training.SampleSheet;
import io.smartedit.training.emoji.EmojiEdit;
import io.smartedit.training.emoji.EmojiEdit.Kind;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The demo's images, two of each class that training never saw, and what became of them. */
final class DemoImages {

  private static final long SEED = 1;
  private static final int EACH = 2;

  /** An image, what to do to it, and what it should become. */
  record Sample(String name, Image image, String instruction, Image target) {}

  /**
   * A finished edit.
   *
   * @param raw the model's own image
   * @param edited what of it was laid into the source
   */
  record Pair(Sample sample, Image raw, Image edited) {}

  private DemoImages() {}

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
                edit.source().drawn(side),
                edit.instruction(),
                edit.target().drawn(side)));
      }
    }
    return samples;
  }

  /** Rows of source, the model's own image, what is delivered, and target. */
  static void writeSheet(Path png, List<Pair> pairs) throws IOException {
    SampleSheet sheet = new SampleSheet();
    for (Pair pair : pairs) {
      Sample sample = pair.sample();
      sheet.add(sample.instruction(), sample.image(), pair.raw(), pair.edited(), sample.target());
    }
    sheet.write(png);
  }
}
