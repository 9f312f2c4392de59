package io.smartedit.evaluation;

import io.smartedit.editor.image.Image;
import io.smartedit.training.emoji.EmojiEdit;
import io.smartedit.training.emoji.EmojiEdit.Backgrounds;
import io.smartedit.training.emoji.EmojiEdit.Kind;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Held-out Emoji-Edit images of one class. */
final class EmojiSamples implements SampleSet {

  private static final long SEED = 2024;
  private static final int VISIBLE = 8;

  private final String group;
  private final Kind kind;
  private final EmojiEdits edits;
  private final int count;

  private EmojiSamples(String group, Kind kind, EmojiEdits edits, int count) {
    this.group = group;
    this.kind = kind;
    this.edits = edits;
    this.count = count;
  }

  /** So many of each class with combinations that training never saw, and with new phrasings. */
  static SampleSet heldOut(int count, Backgrounds backgrounds) {
    EmojiEdits combinations = new EmojiEdits(SEED, Split.HELD_OUT, backgrounds);
    EmojiEdits phrasings = new EmojiEdits(SEED, Split.HELD_OUT_PHRASING, backgrounds);
    List<SampleSet> sets = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      sets.add(new EmojiSamples(kind.toString(), kind, combinations, count));
    }
    sets.add(new EmojiSamples("new_phrasing", Kind.REASONING, phrasings, count));
    return SampleSet.concat(sets);
  }

  @Override
  public int size() {
    return count;
  }

  @Override
  public Sample get(int index, int side) {
    return sample(group, "%04d".formatted(index), edits.get(kind, index), side);
  }

  static Sample sample(String group, String name, EmojiEdit edit, int side) {
    Image source = edit.source().drawn(side);
    Image target = edit.target().drawn(side);
    return new Sample(
        group,
        name,
        List.of(edit.instruction()),
        source,
        Optional.of(visiblyDifferent(source, target)),
        Optional.of(target),
        Optional.empty());
  }

  private static boolean[] visiblyDifferent(Image source, Image target) {
    boolean[] mask = new boolean[source.width() * source.height()];
    for (int i = 0; i < mask.length; i++) {
      for (int c = 0; c < 3; c++) {
        int difference = (source.rgb()[3 * i + c] & 0xFF) - (target.rgb()[3 * i + c] & 0xFF);
        mask[i] |= Math.abs(difference) > VISIBLE;
      }
    }
    return mask;
  }
}
