package io.smartedit.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.training.emoji.EmojiEdit;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EmojiEvaluationTest {

  private static final double KEPT = 25;

  @Test
  void theTargetIsRightAndTheUntouchedSourceAndAnotherPictureAreNot() {
    List<EmojiEvaluation.Judged> targets = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      EmojiEdit edit = new EmojiEdits(1, Split.HELD_OUT).get(i);
      EmojiEdit other = new EmojiEdits(2, Split.HELD_OUT).get(i);
      targets.add(EmojiEvaluation.judge(edit, edit.target().draw()));

      assertThat(EmojiEvaluation.judge(edit, edit.source().draw()).isRight()).isFalse();
      assertThat(EmojiEvaluation.judge(edit, other.target().draw()).isRight()).isFalse();
    }
    EmojiEvaluation.Score score = EmojiEvaluation.score("targets", targets);
    assertThat(score.right()).isEqualTo(1);
    assertThat(score.count()).isEqualTo(50);
    assertThat(score.outside()).isGreaterThan(KEPT);
  }
}
