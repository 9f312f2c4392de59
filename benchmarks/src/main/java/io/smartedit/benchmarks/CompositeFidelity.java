package io.smartedit.benchmarks;

import io.smartedit.editor.EditObserver;
import io.smartedit.editor.EditRequest;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.composite.Composite;
import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.Image;
import io.smartedit.training.emoji.EmojiEdit;
import io.smartedit.training.emoji.EmojiEdit.Kind;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.function.ToDoubleFunction;

/**
 * What compositing keeps of a source and where it finds the change: held-out drawn edits at sizes
 * from 64 to 4,032 pixels, with noise, against their exact targets and masks. A size a row; means
 * over the edits that are right.
 *
 * <p>Usage: {@code CompositeFidelity MODEL_FOLDER [EDITS_A_CLASS]}.
 */
final class CompositeFidelity {

  private static final int[] SCALES = {1, 2, 4, 8, 16, 32, 63};
  private static final long SEED = 2024;
  private static final int VISIBLE = 8;
  private static final double NOISE = 2.5;
  private static final double BEST = 100;

  private CompositeFidelity() {}

  /**
   * What became of one edit.
   *
   * @param right whether the inside is closer to the target than half of the way from the source
   * @param detail PSNR inside of the composite with the source's fine detail added there
   * @param rawInside of the model's own image, brought to the source's size; so below
   */
  private record Result(
      EmojiEdit.Change change,
      boolean right,
      double overlap,
      double inside,
      double detail,
      double outside,
      double rawInside,
      double rawOutside,
      double exact) {}

  public static void main(String[] arguments) {
    int each = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 2;
    EmojiEdits edits = new EmojiEdits(SEED, Split.HELD_OUT);
    System.out.println(
        "| size | right | intersection over union | PSNR inside, raw / composite"
            + " | with the source's detail, all / recoloured alone without and with"
            + " | PSNR outside, raw / composite | exact pixels outside |");
    System.out.println("|---|---|---|---|---|---|---|");
    try (SmartEdit editor = SmartEdit.open(Path.of(arguments[0]), SmartEdit.Settings.DEFAULT)) {
      for (int scale : SCALES) {
        List<Result> results = new ArrayList<>();
        for (Kind kind : Kind.values()) {
          for (int i = 0; i < each; i++) {
            results.add(judged(editor, edits.get(kind, i), scale));
          }
        }
        print(results, scale);
      }
    }
  }

  private static Result judged(SmartEdit editor, EmojiEdit edit, int scale) {
    Image plain = edit.source().draw(scale);
    Image wanted = edit.target().draw(scale);
    boolean[] mask = new boolean[plain.width() * plain.height()];
    for (int i = 0; i < plain.rgb().length; i++) {
      mask[i / 3] |= Math.abs(sample(plain, i) - sample(wanted, i)) > VISIBLE;
    }
    Image source = noisy(plain);
    Image target = noisy(wanted);
    Image edited;
    Image roundTrip;
    EditRequest request = new EditRequest(source, edit.instruction(), editor.defaults());
    try (SmartEdit.Edit running = editor.begin(request, EditObserver.NONE)) {
      while (!running.isDone()) {
        editor.step(List.of(running));
      }
      edited = editor.decode(running);
      roundTrip = editor.roundTrip(running);
    }
    Image raw = Bicubic.resize(edited, source.width(), source.height());
    Composite composite = Composite.of(source, edited, roundTrip, null);
    Image changed = composite.change().mask();
    Image detailed = detailed(composite.image(), source, roundTrip, changed);
    int both = 0;
    int either = 0;
    int kept = 0;
    int outside = 0;
    for (int i = 0; i < mask.length; i++) {
      boolean found = (changed.rgb()[3 * i] & 0xFF) > 127;
      both += found && mask[i] ? 1 : 0;
      either += found || mask[i] ? 1 : 0;
      outside += mask[i] ? 0 : 1;
      kept += !mask[i] && same(source, composite.image(), i) ? 1 : 0;
    }
    IntPredicate in = i -> mask[i];
    boolean right = distance(composite.image(), target, in) < distance(source, target, in) / 2;
    return new Result(
        edit.change(),
        right,
        (double) both / either,
        psnr(composite.image(), target, in),
        psnr(detailed, target, in),
        psnr(composite.image(), source, in.negate()),
        psnr(raw, target, in),
        psnr(raw, source, in.negate()),
        (double) kept / outside);
  }

  /** What the source has beyond its round trip, added to what was changed. */
  private static Image detailed(Image composite, Image source, Image roundTrip, Image changed) {
    Image coarse = Bicubic.resize(roundTrip, source.width(), source.height());
    byte[] rgb = composite.rgb().clone();
    for (int i = 0; i < rgb.length; i++) {
      if ((changed.rgb()[i] & 0xFF) > 127) {
        int level = sample(composite, i) + sample(source, i) - sample(coarse, i);
        rgb[i] = (byte) Math.max(0, Math.min(255, level));
      }
    }
    return new Image(source.width(), source.height(), rgb);
  }

  /** The same noise on every image of a size. */
  private static Image noisy(Image image) {
    Random random = new Random(1);
    byte[] rgb = new byte[image.rgb().length];
    for (int i = 0; i < rgb.length; i++) {
      long level = Math.round(sample(image, i) + NOISE * random.nextGaussian());
      rgb[i] = (byte) Math.max(0, Math.min(255, level));
    }
    return new Image(image.width(), image.height(), rgb);
  }

  private static int sample(Image image, int i) {
    return image.rgb()[i] & 0xFF;
  }

  private static boolean same(Image a, Image b, int pixel) {
    return a.rgb()[3 * pixel] == b.rgb()[3 * pixel]
        && a.rgb()[3 * pixel + 1] == b.rgb()[3 * pixel + 1]
        && a.rgb()[3 * pixel + 2] == b.rgb()[3 * pixel + 2];
  }

  private static double distance(Image a, Image b, IntPredicate where) {
    double sum = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      sum += where.test(i / 3) ? Math.abs(sample(a, i) - sample(b, i)) : 0;
    }
    return sum;
  }

  /** Of the pixels asked for alone; at most 100. */
  private static double psnr(Image a, Image b, IntPredicate where) {
    double sum = 0;
    long count = 0;
    for (int i = 0; i < a.rgb().length; i++) {
      if (where.test(i / 3)) {
        double difference = (sample(a, i) - sample(b, i)) / 255.0;
        sum += difference * difference;
        count++;
      }
    }
    return Math.min(BEST, 10 * Math.log10(count / sum));
  }

  private static void print(List<Result> all, int scale) {
    List<Result> right = all.stream().filter(Result::right).toList();
    List<Result> recoloured =
        right.stream().filter(one -> one.change() == EmojiEdit.Change.RECOLOUR).toList();
    System.out.printf(
        "| %,d | %d of %d | %.2f | %.1f / %.1f | %.1f / %.1f and %.1f | %.1f / %.1f | %.1f %% |%n",
        scale * 64,
        right.size(),
        all.size(),
        mean(right, Result::overlap),
        mean(right, Result::rawInside),
        mean(right, Result::inside),
        mean(right, Result::detail),
        mean(recoloured, Result::inside),
        mean(recoloured, Result::detail),
        mean(right, Result::rawOutside),
        mean(right, Result::outside),
        100 * mean(right, Result::exact));
  }

  private static double mean(List<Result> results, ToDoubleFunction<Result> value) {
    return results.stream().mapToDouble(value).average().orElse(Double.NaN);
  }
}
