package io.smartedit.training.mini;

import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.options.Variant;
import io.smartedit.training.Stage;
import io.smartedit.training.Trainer;
import io.smartedit.training.TrainingObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes smartedit-mini: a fresh model, then every stage in turn, each going on where it stopped.
 */
public final class MiniRecipe {

  private static final int SEED = 7;

  private final Path model;
  private final Path work;
  private final Map<String, Trainer.Opener> stages = new LinkedHashMap<>();

  /**
   * @param model where the model grows
   * @param work where the state of training, logs and sample images are kept
   * @param precision of the autoencoder's and the UNet's activations; BF16 is faster on processors
   *     that multiply in it
   */
  public MiniRecipe(Path model, Path work, Precision precision) {
    this.model = model;
    this.work = work;
    stages.put(
        "1-autoencoder",
        () ->
            new AutoencoderStage(
                model, "1-autoencoder", new Stage.Plan(3000, 32, 2e-3, 0.995), true, precision));
    stages.put("2-vision", () -> new VisionStage(model, new Stage.Plan(3000, 48, 1.5e-3, 0)));
    stages.put("3-finding", () -> finding("3-finding", 13, 0, new Stage.Plan(3500, 32, 1e-3, 0)));
    stages.put(
        "4-placing",
        () ->
            FindingStage.placing(
                model,
                "4-placing",
                new Curriculum(13, 0),
                new Stage.Plan(3000, 48, 2e-3, 0),
                Variant.SMARTEDIT));
    stages.put("5-painting", () -> painting("5-painting", 15, false, 0, 3600, precision));
    stages.put(
        "6-developing",
        () ->
            new AutoencoderStage(
                model, "6-developing", new Stage.Plan(2000, 8, 1e-3, 0.995), false, precision));
    stages.put("7-painting", () -> painting("7-painting", 17, true, 0, 2800, precision));
    stages.put("8-painting", () -> painting("8-painting", 18, true, 0.25, 1900, precision));
    stages.put(
        "9-finding", () -> finding("9-finding", 19, 0.35, new Stage.Plan(1600, 32, 5e-4, 0)));
    stages.put("10-painting", () -> painting("10-painting", 20, true, 0.35, 1500, precision));
  }

  private Stage finding(String name, int seed, double several, Stage.Plan plan) throws IOException {
    return FindingStage.withLlm(model, name, new Curriculum(seed, several), plan);
  }

  private Stage painting(
      String name, int seed, boolean noisier, double several, int steps, Precision precision)
      throws IOException {
    Curriculum practice = new Curriculum(seed, several);
    Stage.Plan plan = new Stage.Plan(steps, 32, 1e-3, 0.998);
    return new PaintingStage(model, name, Variant.SMARTEDIT, practice, noisier, plan, precision);
  }

  /**
   * Trains until the model is done.
   *
   * @return whether it is; false where the observer cancelled
   */
  public boolean run(TrainingObserver observer) throws IOException {
    if (!Files.exists(model.resolve("config.json"))) {
      FreshModel.create(model, SEED);
    }
    for (Map.Entry<String, Trainer.Opener> stage : stages.entrySet()) {
      if (!Trainer.runOnce(stage.getKey(), stage.getValue(), work, observer)) {
        return false;
      }
    }
    return true;
  }
}
