package io.smartedit.standalone;

import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.options.BadRequestException;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.pipeline.NetLoader;
import io.smartedit.service.Drain;
import io.smartedit.training.Stage;
import io.smartedit.training.TrainingObserver;
import io.smartedit.training.data.DataSet;
import io.smartedit.training.data.Mixture;
import io.smartedit.training.data.ParquetImages;
import io.smartedit.training.mini.Ablation;
import io.smartedit.training.mini.GrowthRecipe;
import io.smartedit.training.mini.MiniRecipe;
import io.smartedit.training.paper.FineTuning;
import io.smartedit.training.paper.PaperStage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code smartedit train}: makes smartedit-mini from nothing, or trains a model further. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Without --data: trains smartedit-mini from nothing on images made on the fly, stage by",
      "stage: autoencoder, vision encoder, finding, placing, painting, developing, painting",
      "again. Hours on two cores.",
      "",
      "Without --data, with --size: grows --from to images of twice the side and trains what that",
      "adds: its autoencoder, then painting before textured backgrounds, then the decoder alone;",
      "--steps of painting, five times as many of the first, two and a half of the last.",
      "",
      "With --data: trains a copy of a model as the paper's stages do, on data sets that lie on",
      "disk: InstructPix2Pix and MagicBrush folders, Reason-Edit's training pairs, LLaVA",
      "conversations, JSON Lines of source, target, instruction or of image, mask, expression,",
      "edits in parquet (a file or a folder of them; unpacked once into the work folder);",
      "for stage 1 CC12M's .tsv or JSON Lines of caption.",
      "",
      "With --ablation: trains a copy of a smartedit-mini with another interaction module, with",
      "none, or as the baseline without LLM; evaluate --variant then judges it.",
      "",
      "Ctrl-C saves; the same command goes on with the very batch that would have come next. In",
      "the work folder each stage keeps its state, losses.csv, losses.png and samples.png."
    },
    footer = {
      "",
      "Example:",
      "  ./smartedit train --data my/pairs.jsonl --data llava.json=0.2 --from models/smartedit-7b \\",
      "    --model models/mine --stage 3 --steps 5000 --batch 8 --rate 1e-5"
    })
final class TrainCommand implements Callable<Integer> {

  private static final double AVERAGING = 0.99;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Where the model grows (default: ${DEFAULT-VALUE}).")
  private Path model = Path.of("training-data", "model");

  @Option(
      names = "--work",
      paramLabel = "DIR",
      description = "Where the state is kept (default: ${DEFAULT-VALUE}).")
  private Path work = Path.of("training-data", "work");

  @Option(
      names = "--data",
      paramLabel = "PATH[=WEIGHT]",
      description = "A data set, and how often it is drawn from (default weight: 1). Repeatable.")
  private List<String> data = new ArrayList<>();

  @Option(
      names = "--from",
      paramLabel = "DIR",
      description = "The model to begin with; it stays as it is (default: smartedit-mini).")
  private Path from = ShippedModel.folder();

  @Option(
      names = "--ablation",
      paramLabel = "VARIANT",
      description = {
        "smartedit, no_interaction, one_way or instruct_pix2pix; --steps of painting, after three",
        "times as many of finding."
      })
  private @Nullable Variant ablation;

  @Option(
      names = "--stage",
      description = {
        "1: captions alone, towards CLIP's text encoder; 2: without the interaction module;",
        "3: with it (default: ${DEFAULT-VALUE})."
      })
  private int stage = 3;

  @Option(names = "--steps", description = "Default: ${DEFAULT-VALUE}.")
  private int steps = 1000;

  @Option(names = "--batch", description = "Examples at once (default: ${DEFAULT-VALUE}).")
  private int batch = 8;

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      description = "Batches whose gradients make a step (default: ${DEFAULT-VALUE}).")
  private int accumulated = 1;

  @Option(names = "--rate", description = "Learning rate (default: ${DEFAULT-VALUE}).")
  private double rate = 1e-5;

  @Option(
      names = "--size",
      description = {
        "Side of the images, in pixels (default: the model's, else 256); without --data twice",
        "that of the model to grow."
      })
  private @Nullable Integer size;

  @Option(
      names = "--precision",
      paramLabel = "P",
      description =
          "Of the UNet's activations while it learns: fp32, or bf16, faster on processors that"
              + " multiply in it (default: ${DEFAULT-VALUE}).")
  private Precision precision = Precision.FP32;

  @Override
  public Integer call() throws IOException {
    try (Drain drain = new Drain();
        Bars bars = new Bars()) {
      drain.onSignal(() -> bars.cancelled = true);
      boolean done = train(bars);
      System.out.println(done ? model.toString() : "saved; the same command goes on");
      return done ? 0 : Main.INTERRUPTED;
    }
  }

  private boolean train(Bars bars) throws IOException {
    if (ablation != null) {
      return new Ablation(from, model, work).run(ablation, 3 * steps, steps, precision, bars);
    }
    if (!data.isEmpty()) {
      return fineTune(bars);
    }
    return size == null ? new MiniRecipe(model, work, precision).run(bars) : grow(size, bars);
  }

  private boolean grow(int side, Bars bars) throws IOException {
    try {
      return new GrowthRecipe(from, model, work, precision).run(side, steps, bars);
    } catch (IllegalArgumentException e) {
      throw new BadRequestException(String.valueOf(e.getMessage()), e);
    }
  }

  private boolean fineTune(Bars bars) throws IOException {
    try {
      List<Mixture.Share> shares = new ArrayList<>();
      for (String named : data) {
        shares.add(share(named));
      }
      Mixture examples = new Mixture(shares);
      Stage.Plan plan = new Stage.Plan(steps, batch, accumulated, rate, AVERAGING);
      FineTuning tuning = new FineTuning(from, model, work);
      return stage == 1
          ? tuning.align(examples, plan, bars)
          : tuning.run(examples, plan, paperSettings(), bars);
    } catch (IllegalArgumentException e) {
      throw new BadRequestException(String.valueOf(e.getMessage()), e);
    }
  }

  private PaperStage.Settings paperSettings() {
    if (stage != 2 && stage != 3) {
      throw new IllegalArgumentException("--stage " + stage + " is none of 1, 2, 3");
    }
    NetLoader nets = new NetLoader(ModelFolder.open(from), NetLoader.View.STORED);
    return new PaperStage.Settings(
        stage == 3, size == null ? nets.options().size() : size, precision);
  }

  private Mixture.Share share(String named) throws IOException {
    int equals = named.lastIndexOf('=');
    if (equals < 0) {
      return new Mixture.Share(dataSet(Path.of(named)), 1);
    }
    String weight = named.substring(equals + 1);
    double number;
    try {
      number = Double.parseDouble(weight);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--data " + named + ": no weight is " + weight, e);
    }
    return new Mixture.Share(dataSet(Path.of(named.substring(0, equals))), number);
  }

  private DataSet dataSet(Path path) throws IOException {
    if (!ParquetImages.isAt(path)) {
      return DataSet.open(path);
    }
    try (ProgressBar bar = Bars.bar("unpacking", -1)) {
      return DataSet.open(ParquetImages.unpack(path, work.resolve("unpacked"), bar::stepTo));
    }
  }

  /** A bar a stage, with its losses and speed. */
  private static final class Bars implements TrainingObserver, AutoCloseable {
    private volatile boolean cancelled;
    private @Nullable ProgressBar bar;
    private String shown = "";

    @Override
    public void step(
        String stage, long step, long steps, Map<String, Double> losses, double speed) {
      if (bar == null || !shown.equals(stage)) {
        close();
        shown = stage;
        bar = bar(stage, steps);
      }
      bar.stepTo(step);
      StringBuilder message = new StringBuilder(" %.0f/s".formatted(speed));
      new TreeMap<>(losses)
          .forEach((name, value) -> message.append(" %s %.3f".formatted(name, value)));
      bar.setExtraMessage(message.toString());
    }

    private static ProgressBar bar(String task, long steps) {
      return new ProgressBarBuilder()
          .setTaskName(task)
          .setInitialMax(steps)
          .setStyle(ProgressBarStyle.ASCII)
          .build();
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
      }
    }
  }
}
