package io.smartedit.standalone;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.SmartEdit;
import io.smartedit.evaluation.EmojiEvaluation;
import io.smartedit.evaluation.EmojiEvaluation.Judged;
import io.smartedit.evaluation.EmojiEvaluation.Score;
import io.smartedit.training.SampleSheet;
import io.smartedit.training.emoji.EmojiEdit.Kind;
import io.smartedit.training.emoji.EmojiEdit.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code smartedit evaluate}: how well a model edits held-out Emoji-Edit pictures. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = {
      "Edits held-out Emoji-Edit pictures and judges them, class by class: right is closer to the",
      "target than half of the way from the source where the picture had to change, and 25 dB or",
      "better elsewhere. Writes scores.json, and a sheet of the best and the worst of each class."
    })
final class EvaluateCommand implements Callable<Integer> {

  private static final int SHOWN = 6;

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(names = "--count", description = "Edits a class (default: ${DEFAULT-VALUE}).")
  private int count = 100;

  @Option(names = "--out", paramLabel = "DIR", description = "Default: ${DEFAULT-VALUE}.")
  private Path out = Path.of("evaluation-out");

  @Override
  public Integer call() throws IOException {
    Files.createDirectories(out);
    List<Score> scores = new ArrayList<>();
    try (SmartEdit editor = SmartEdit.open(model.model, model.settings())) {
      for (Kind kind : Kind.values()) {
        scores.add(judge(editor, kind, Split.HELD_OUT, kind.toString()));
      }
      scores.add(judge(editor, Kind.REASONING, Split.HELD_OUT_PHRASING, "new phrasings"));
    }
    System.out.printf("%-14s %6s %7s %12s%n", "class", "edits", "right", "outside dB");
    for (Score score : scores) {
      System.out.printf(
          "%-14s %6d %6.1f%% %12.1f%n",
          score.name(), score.count(), 100 * score.right(), score.outside());
    }
    new ObjectMapper()
        .writerWithDefaultPrettyPrinter()
        .writeValue(out.resolve("scores.json").toFile(), scores);
    System.out.println(out);
    return 0;
  }

  private Score judge(SmartEdit editor, Kind kind, Split split, String name) throws IOException {
    List<Judged> judged;
    try (ProgressBar bar =
        new ProgressBarBuilder()
            .setTaskName(name)
            .setInitialMax(count)
            .setStyle(ProgressBarStyle.ASCII)
            .build()) {
      judged = EmojiEvaluation.run(editor, kind, split, count, bar::stepTo);
    }
    List<Judged> ordered = new ArrayList<>(judged);
    ordered.sort(Comparator.comparingDouble(Judged::inside));
    SampleSheet sheet = new SampleSheet();
    int shown = Math.min(SHOWN, ordered.size());
    ordered.subList(0, shown).forEach(one -> add(sheet, one));
    ordered.subList(ordered.size() - shown, ordered.size()).forEach(one -> add(sheet, one));
    sheet.write(out.resolve(name.replace(' ', '-') + ".png"));
    return EmojiEvaluation.score(name, judged);
  }

  private static void add(SampleSheet sheet, Judged one) {
    sheet.add(
        one.edit().instruction(),
        one.edit().source().draw(),
        one.edited(),
        one.edit().target().draw());
  }
}
