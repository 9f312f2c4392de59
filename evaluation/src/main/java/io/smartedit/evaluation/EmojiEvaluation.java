package io.smartedit.evaluation;

import io.smartedit.EditObserver;
import io.smartedit.EditOptions;
import io.smartedit.EditRequest;
import io.smartedit.SmartEdit;
import io.smartedit.image.Picture;
import io.smartedit.training.emoji.EmojiEdit;
import io.smartedit.training.emoji.EmojiEdit.Kind;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * A model's edits of held-out Emoji-Edit pictures, class by class.
 *
 * <p>An edit is <em>right</em> where, inside the mask of what had to change, it is closer to the
 * target than half of the way from the source, and outside it the source is kept at 25 dB or
 * better.
 */
public final class EmojiEvaluation {

  private static final long SEED = 2024;
  private static final double KEPT_PSNR = 25;
  private static final double HALF = 0.5;
  private static final int VISIBLE = 8;

  private EmojiEvaluation() {}

  /** One edit and what it is worth. */
  public record Judged(EmojiEdit edit, Picture edited, double inside, double outside) {

    /** Whether the edit is right. */
    public boolean isRight() {
      return inside < HALF && outside >= KEPT_PSNR;
    }
  }

  /**
   * A class's scores.
   *
   * @param name of the class
   * @param right share of the edits
   * @param outside mean PSNR outside the mask, in dB
   */
  public record Score(String name, int count, double right, double outside) {}

  /**
   * Edits and judges; the same every time.
   *
   * @param split what kind of held-out edits
   * @param done told after every edit how many there are
   */
  public static List<Judged> run(
      SmartEdit editor, Kind kind, Split split, int count, IntConsumer done) {
    EmojiEdits edits = new EmojiEdits(SEED, split);
    EditOptions options = editor.defaults();
    List<Judged> judged = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      EmojiEdit edit = edits.get(kind, i);
      EditRequest request = new EditRequest(edit.source().draw(), edit.instruction(), options);
      judged.add(judge(edit, editor.edit(request, EditObserver.NONE).picture()));
      done.accept(i + 1);
    }
    return judged;
  }

  /** Sums up the edits of a class. */
  public static Score score(String name, List<Judged> judged) {
    int right = (int) judged.stream().filter(Judged::isRight).count();
    double outside =
        judged.stream().mapToDouble(j -> Math.min(100, j.outside)).average().orElse(Double.NaN);
    return new Score(name, judged.size(), (double) right / Math.max(1, judged.size()), outside);
  }

  /** Compares an edit with its source and its target. */
  public static Judged judge(EmojiEdit edit, Picture edited) {
    Picture source = edit.source().draw();
    Picture target = edit.target().draw();
    boolean[] mask = mask(source, target);
    double error = distance(edited, target, mask);
    double way = distance(source, target, mask);
    double outside =
        Metrics.psnr(Metrics.without(edited, i -> mask[i]), Metrics.without(source, i -> mask[i]));
    return new Judged(edit, edited, error / way, outside);
  }

  /** Pixels that had to change visibly. */
  private static boolean[] mask(Picture source, Picture target) {
    boolean[] mask = new boolean[source.width() * source.height()];
    for (int i = 0; i < mask.length; i++) {
      for (int c = 0; c < 3; c++) {
        int difference = (source.rgb()[3 * i + c] & 0xFF) - (target.rgb()[3 * i + c] & 0xFF);
        mask[i] |= Math.abs(difference) > VISIBLE;
      }
    }
    return mask;
  }

  /** Mean absolute difference where the mask is. */
  private static double distance(Picture a, Picture b, boolean[] mask) {
    double sum = 0;
    int count = 0;
    for (int i = 0; i < mask.length; i++) {
      if (mask[i]) {
        count++;
        for (int c = 0; c < 3; c++) {
          sum += Math.abs((a.rgb()[3 * i + c] & 0xFF) - (b.rgb()[3 * i + c] & 0xFF));
        }
      }
    }
    return sum / Math.max(1, count);
  }
}
