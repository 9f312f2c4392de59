package io.smartedit.standalone;

import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.evaluation.Evaluation;
import io.smartedit.evaluation.Lever;
import io.smartedit.evaluation.Report;
import io.smartedit.evaluation.SampleSet;
import io.smartedit.evaluation.Sweep;
import io.smartedit.training.emoji.EmojiEdit.Backgrounds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code smartedit evaluate}: how well a model edits. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Edits images and judges the results, class by class: PSNR, SSIM and MSE outside the mask.",
      "Without --data the images are drawn: Emoji-Edit's combinations that training never saw.",
      "Their targets are known, and an edit is right where it is closer to the target than half of",
      "the way from the source inside the mask, and keeps 25 dB or better outside. The model's own",
      "images are judged, and beside them composites: what changed, laid into the source.",
      "",
      "Writes scores.json, edits.csv and index.html, with the best and the worst of each class.",
      "",
      "With --sweep it tries what makes edits faster instead and writes sweep.csv and sweep.png:",
      "sampler, steps, precision and guidance interval against scores and seconds."
    })
final class EvaluateCommand implements Callable<Integer> {

  @Mixin private ModelOptions model = new ModelOptions();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = {
        "A folder laid out as Reason-Edit: a folder a class, in it NAME.png, NAME_mask.jpg, and a",
        "text file with a line an image: instruction CLIP: description. Or as MagicBrush's test",
        "set: edit_turns.json, images/NUMBER/ and global_descriptions.json; judged by L1."
      })
  private @Nullable Path data;

  @Option(names = "--count", description = "Drawn edits a class (default: ${DEFAULT-VALUE}).")
  private int count = 100;

  @Option(
      names = "--backgrounds",
      paramLabel = "KIND",
      description = "Of drawn images: plain or textured (default: ${DEFAULT-VALUE}).")
  private Backgrounds backgrounds = Backgrounds.PLAIN;

  @Option(
      names = "--lpips",
      paramLabel = "FILE",
      description = {
        "Computes LPIPS: safetensors with torchvision's squeezenet1_1 (features.*) and LPIPS's",
        "lin*.model.1.weight."
      })
  private @Nullable Path lpips;

  @Option(
      names = "--clip",
      paramLabel = "DIR",
      description = {
        "Computes CLIP's score where edits are described: a clip-vit-large-patch14 folder.",
        "For MagicBrush CLIP-I and CLIP-T: a clip-vit-base-patch32 folder."
      })
  private @Nullable Path clip;

  @Option(
      names = "--dino",
      paramLabel = "FILE",
      description = "Computes DINO-I for MagicBrush: dino_deitsmall16_pretrain.pth.")
  private @Nullable Path dino;

  @Mixin private SamplingOptions sampling = new SamplingOptions();

  @Option(names = "--seed", description = "Default: ${DEFAULT-VALUE}.")
  private long seed = EditOptions.DEFAULT.seed();

  @Option(
      names = "--sweep",
      description = "Tries every combination of the levers, eight edits at a time.")
  private boolean sweep;

  @Option(
      names = "--lever",
      paramLabel = "NAME=V,V..",
      description = {
        "What --sweep tries; may be repeated. precision=fp32,bf16 sampler=euler,unipc",
        "steps=4,8,20 guidance=0-1,0.2-0.8 (default: fp32 and bf16, every sampler,",
        "4, 8, 12 and 20 steps, guidance throughout)."
      })
  private Map<String, String> levers = new LinkedHashMap<>();

  @Spec private @Nullable CommandSpec spec;

  @Option(names = "--out", paramLabel = "DIR", description = "Default: ${DEFAULT-VALUE}.")
  private Path out = Path.of("evaluation-out");

  @Override
  public Integer call() throws IOException {
    SampleSet samples =
        data == null ? Evaluation.emoji(count, backgrounds) : Evaluation.folder(data);
    if (sweep) {
      return sweep(samples);
    }
    Report report;
    try (SmartEdit editor = SmartEdit.open(model.model, model.settings());
        ProgressBar bar =
            new ProgressBarBuilder()
                .setTaskName("edits")
                .setInitialMax(samples.size())
                .setStyle(ProgressBarStyle.ASCII)
                .build()) {
      try (Evaluation evaluation = new Evaluation(editor, options(editor.defaults()))) {
        if (lpips != null) {
          evaluation.withLpips(lpips);
        }
        if (clip != null) {
          evaluation.withClip(clip);
        }
        if (dino != null) {
          evaluation.withDino(dino);
        }
        report = evaluation.run(samples, ModelOptions.name(model.model), out, bar::stepTo);
      }
    }
    print(report);
    System.out.println(out.resolve("index.html"));
    return 0;
  }

  private int sweep(SampleSet samples) throws IOException {
    List<Lever> all;
    try {
      all = Lever.combinations(levers);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(Objects.requireNonNull(spec).commandLine(), e.getMessage(), e);
    }
    EditOptions own;
    try (SmartEdit editor = SmartEdit.open(model.model, model.settings())) {
      own = options(editor.defaults());
    }
    System.out.printf("%-40s %5s %9s  scores%n", "", "steps", "s/edit");
    Sweep tried = new Sweep(p -> SmartEdit.open(model.model, model.settings(p)), own, samples);
    tried.run(all, out, EvaluateCommand::print);
    System.out.println(out.resolve("sweep.csv"));
    return 0;
  }

  private static void print(Sweep.Point point) {
    Lever lever = point.lever();
    StringBuilder scores = new StringBuilder();
    point.means().forEach((metric, mean) -> scores.append(" %s %.3f".formatted(metric, mean)));
    System.out.printf(
        "%-40s %5d %9.3f %s%n",
        lever.sampler() + " " + lever.precision() + " guided " + lever.from() + "-" + lever.until(),
        lever.steps(),
        point.seconds(),
        scores);
  }

  private EditOptions options(EditOptions defaults) {
    return new EditOptions(
        sampling.steps(defaults),
        sampling.guidance(defaults),
        seed,
        defaults.size(),
        EditOptions.Fit.SQUARE,
        false,
        false,
        sampling.sampler(defaults));
  }

  private static void print(Report report) {
    System.out.printf("%-16s %6s", "class", "edits");
    report.metrics().forEach(metric -> System.out.printf(" %8s", metric));
    System.out.println();
    for (Report.Score score : report.scores()) {
      System.out.printf("%-16s %6d", score.group(), score.edits());
      for (String metric : report.metrics()) {
        int width = Math.max(8, metric.length());
        Double mean = score.means().get(metric);
        String text = mean == null ? "-" : "%.3f".formatted(mean);
        System.out.print(" " + " ".repeat(width - text.length()) + text);
      }
      System.out.println();
    }
  }
}
