package io.smartedit.standalone;

import io.smartedit.nn.Precision;
import io.smartedit.service.Drain;
import io.smartedit.training.TrainingObserver;
import io.smartedit.training.mini.MiniRecipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code smartedit train}: makes smartedit-mini from nothing. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = {
      "Trains smartedit-mini from nothing on pictures made on the fly, stage by stage: autoencoder,",
      "vision encoder, finding, placing, painting. Hours on two cores. Ctrl-C saves; the same",
      "command goes on with the very batch that would have come next.",
      "",
      "In the work folder each stage keeps its state, losses.csv, losses.png and samples.png."
    })
final class TrainCommand implements Callable<Integer> {

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
      boolean done = new MiniRecipe(model, work, precision).run(bars);
      System.out.println(done ? model.toString() : "saved; the same command goes on");
      return done ? 0 : Main.INTERRUPTED;
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
        bar =
            new ProgressBarBuilder()
                .setTaskName(stage)
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.ASCII)
                .build();
      }
      bar.stepTo(step);
      StringBuilder message = new StringBuilder(" %.0f/s".formatted(speed));
      new TreeMap<>(losses)
          .forEach((name, value) -> message.append(" %s %.3f".formatted(name, value)));
      bar.setExtraMessage(message.toString());
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
