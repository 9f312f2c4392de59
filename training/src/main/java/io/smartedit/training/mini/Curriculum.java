package io.smartedit.training.mini;

import io.smartedit.training.emoji.EmojiEdit;
import io.smartedit.training.emoji.EmojiEdit.Kind;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import java.util.SplittableRandom;

/**
 * Which edits a stage practises.
 *
 * @param edits to draw from
 * @param several share of edits of two objects beyond their own; they are the hardest
 */
record Curriculum(EmojiEdits edits, double several) {

  Curriculum(long seed, double several) {
    this(new EmojiEdits(seed, Split.TRAIN), several);
  }

  /** Edit {@code index}, the same for the same random. */
  EmojiEdit get(long index, SplittableRandom random) {
    return several > 0 && random.nextDouble() < several ? ofTwo(index) : edits.get(index);
  }

  /** Mostly with a bystander: where there is none, whoever edits everything is right. */
  private EmojiEdit ofTwo(long index) {
    EmojiEdit edit = edits.get(Kind.SEVERAL, index);
    return edit.source().things().size() > edit.targets().size()
        ? edit
        : edits.get(Kind.SEVERAL, -1 - index);
  }
}
