package io.smartedit.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.smartedit.editor.checkpoint.Safetensors;
import io.smartedit.editor.checkpoint.TensorFile;
import io.smartedit.editor.nn.Ops;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/**
 * Runs a stage to its end, or until cancelled, and goes on where an earlier run stopped.
 *
 * <p>In the work folder: {@code STAGE/state.safetensors} (weights, moments, the number of steps
 * done; replaced atomically), {@code STAGE/losses.csv}, {@code STAGE/losses.png} and {@code
 * STAGE/samples.png}. The model folder changes once, when the stage is done.
 */
public final class Trainer {

  private static final double CLIP = 1;
  private static final double KEPT_OF_MEAN = 0.98;
  private static final int MOST_SKIPPED = 20;
  private static final int LOG_EVERY = 20;
  private static final Duration SAVE_EVERY = Duration.ofMinutes(3);
  private static final String STEP = "step";
  private static final String STATE = "state.safetensors";

  private final Stage stage;
  private final Path folder;
  private final TrainingObserver observer;
  private final Map<String, Double> means = new TreeMap<>();
  private long step;
  private int skipped;

  private Trainer(Stage stage, Path folder, TrainingObserver observer) {
    this.stage = stage;
    this.folder = folder;
    this.observer = observer;
  }

  /**
   * Trains.
   *
   * @param work where state and images of all stages are kept
   * @return whether the stage is done; false where it was cancelled
   */
  public static boolean run(Stage stage, Path work, TrainingObserver observer) throws IOException {
    Path folder = Files.createDirectories(work.resolve(stage.name()));
    return new Trainer(stage, folder, observer).run();
  }

  /** Opens a stage when it is its turn. */
  public interface Opener {
    Stage open() throws IOException;
  }

  /**
   * Trains a stage unless it has been finished in the work folder before.
   *
   * @param name of the stage that is opened
   * @return whether it is done; false where it was cancelled
   */
  public static boolean runOnce(String name, Opener opener, Path work, TrainingObserver observer)
      throws IOException {
    if (Files.exists(work.resolve(name).resolve("done"))) {
      return true;
    }
    try (Stage stage = opener.open()) {
      return run(stage, work, observer);
    }
  }

  /**
   * Whether a stage of this name has saved something in the work folder that a run goes on from.
   */
  public static boolean isBegun(Path work, String stage) {
    return Files.exists(work.resolve(stage).resolve(STATE));
  }

  private boolean run() throws IOException {
    Stage.Plan plan = stage.plan();
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Adam adam =
          new Adam(
              stage.parameters().parameters(),
              manager,
              new Adam.Settings(CLIP, 0, plan.averaging()));
      restore(adam, manager);
      long begun = System.nanoTime();
      long first = step;
      long saved = begun;
      while (step < plan.steps()) {
        if (observer.isCancelled()) {
          save(adam);
          return false;
        }
        oneStep(adam, plan);
        double seconds = (System.nanoTime() - begun) / 1e9;
        double speed = (step - first) * plan.batch() * plan.accumulated() / seconds;
        observer.step(stage.name(), step, plan.steps(), means, speed);
        if (step % LOG_EVERY == 0) {
          log(seconds);
        }
        if (System.nanoTime() - saved > SAVE_EVERY.toNanos()) {
          save(adam);
          saved = System.nanoTime();
        }
      }
      save(adam);
      stage.parameters().save(adam.averages());
      stage.finish();
      Files.writeString(folder.resolve("done"), step + " steps\n");
      return true;
    }
  }

  private void oneStep(Adam adam, Stage.Plan plan) {
    for (int i = 0; i < plan.accumulated(); i++) {
      oneBatch(step * plan.accumulated() + i);
    }
    double norm = adam.step(step + 1, plan.rate(step), plan.accumulated());
    stage.afterStep();
    skipped = Double.isFinite(norm) ? 0 : skipped + 1;
    if (skipped > MOST_SKIPPED) {
      throw new IllegalStateException(
          "the gradients of " + skipped + " steps in succession were not finite; lower the rate");
    }
    note("norm", Double.isFinite(norm) ? norm : 0);
    step++;
  }

  /** Gradients add up until the optimiser's step. */
  private void oneBatch(long number) {
    Losses parts = new Losses();
    try (NDManager scratch = NDManager.newBaseManager("PyTorch");
        GradientCollector collector = scratch.getEngine().newGradientCollector()) {
      NDArray loss = stage.loss(scratch, number, parts);
      float value = loss.getFloat();
      if (!Float.isFinite(value)) {
        throw new IllegalStateException(
            "the loss of batch " + number + " is " + value + "; lower the learning rate");
      }
      Ops.backward(collector, loss);
    }
    parts.values().forEach(this::note);
  }

  private void note(String name, double value) {
    means.merge(name, value, (old, now) -> KEPT_OF_MEAN * old + (1 - KEPT_OF_MEAN) * now);
  }

  private void log(double seconds) throws IOException {
    Path csv = folder.resolve("losses.csv");
    StringBuilder line = new StringBuilder();
    if (!Files.exists(csv)) {
      line.append("step,seconds,").append(String.join(",", means.keySet())).append('\n');
    }
    line.append(step).append(",%.1f".formatted(seconds));
    means.values().forEach(value -> line.append(",%.5f".formatted(value)));
    Files.writeString(
        csv,
        line.append('\n'),
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private void save(Adam adam) throws IOException {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      Map<String, NDArray> state = adam.state();
      state.put(STEP, manager.create(new long[] {step}));
      Safetensors.write(folder.resolve(STATE), state, Map.of());
    }
    stage.drawSamples(folder.resolve("samples.png"));
    LossCurve.draw(folder.resolve("losses.csv"), folder.resolve("losses.png"));
  }

  private void restore(Adam adam, NDManager manager) {
    Path state = folder.resolve(STATE);
    if (!Files.exists(state)) {
      return;
    }
    try (TensorFile file = TensorFile.open(state)) {
      step = file.readStored(STEP, manager).toLongArray()[0];
      for (Map.Entry<String, NDArray> entry : adam.state().entrySet()) {
        try (NDArray stored = file.readStored(entry.getKey(), manager)) {
          stored.copyTo(entry.getValue());
        }
      }
    }
  }
}
