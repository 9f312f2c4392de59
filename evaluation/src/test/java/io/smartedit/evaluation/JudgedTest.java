package io.smartedit.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.editor.image.Image;
import io.smartedit.training.emoji.EmojiEdit;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import org.junit.jupiter.api.Test;

final class JudgedTest {

  private static final int SIDE = 64;

  @Test
  void theTargetIsRightAndTheUntouchedSourceAndAnotherImageAreNot() {
    for (int i = 0; i < 50; i++) {
      EmojiEdit edit = new EmojiEdits(1, Split.HELD_OUT).get(i);
      EmojiEdit other = new EmojiEdits(2, Split.HELD_OUT).get(i);

      assertThat(right(edit, edit.target().draw())).isEqualTo(1);
      assertThat(right(edit, edit.source().draw())).isZero();
      assertThat(right(edit, other.target().draw())).isZero();
    }
  }

  @Test
  void whatHappensInsideTheMaskDoesNotCountOutside() {
    Sample sample = EmojiSamples.sample("x", "0", new EmojiEdits(1, Split.HELD_OUT).get(0), SIDE);
    boolean[] mask = sample.mask().orElseThrow();
    byte[] rgb = sample.source().rgb().clone();
    for (int i = 0; i < mask.length; i++) {
      if (mask[i]) {
        rgb[3 * i] ^= 0x55;
      }
    }

    Judged judged = Judged.of(sample, new Image(SIDE, SIDE, rgb));

    assertThat(judged.values()).containsEntry("mse", 0.0).containsEntry("psnr", 100.0);
  }

  private static double right(EmojiEdit edit, Image edited) {
    Sample sample = EmojiSamples.sample("group", "name", edit, SIDE);
    return Judged.of(sample, edited).values().getOrDefault("right", Double.NaN);
  }
}
