package io.smartedit.evaluation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.checkpoint.CheckpointException;
import io.smartedit.editor.checkpoint.ConfigFile;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.checkpoint.TensorFiles;
import io.smartedit.editor.clip.ClipConfig;
import io.smartedit.editor.clip.TextEncoder;
import io.smartedit.editor.clip.VisionEncoder;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.PixelTransform;
import io.smartedit.editor.nn.LayerNorm;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Weights;
import io.smartedit.editor.text.ClipTokenizer;
import java.io.IOException;
import java.nio.file.Path;

/**
 * CLIP's score of an image and a text: 100 times the cosine of their projections, at least 0
 * (Hessel et al., 2021); and the bare cosines of images and texts. Used from one thread.
 */
final class ClipScore implements AutoCloseable {

  private final NDManager manager;
  private final ClipTokenizer tokenizer;
  private final VisionEncoder vision;
  private final LayerNorm visionNorm;
  private final Linear visionProjection;
  private final TextEncoder text;
  private final Linear textProjection;
  private final long end;

  private ClipScore(
      Weights weights, ConfigFile config, ClipTokenizer tokenizer, NDManager manager) {
    this.manager = manager;
    this.tokenizer = tokenizer;
    ConfigFile visual = config.section("vision_config");
    ConfigFile textual = config.section("text_config");
    int joint = config.integer("projection_dim", 512);
    ClipConfig towers = tower(visual, 768, 3072, 12);
    int patch = visual.integer("patch_size", 32);
    vision = VisionEncoder.loadWhole(weights, towers, visual.integer("image_size", 224), patch);
    visionNorm =
        LayerNorm.load(
            weights.at("vision_model").at("post_layernorm"), towers.width(), towers.epsilon());
    visionProjection =
        Linear.loadWithoutBias(weights.at("visual_projection"), towers.width(), joint);
    ClipConfig words = tower(textual, 512, 2048, 8);
    int vocabulary = vocabulary(config);
    text = TextEncoder.load(weights, words, vocabulary, length(config));
    textProjection = Linear.loadWithoutBias(weights.at("text_projection"), words.width(), joint);
    end = vocabulary - 1L;
  }

  private static int vocabulary(ConfigFile config) {
    return config.section("text_config").integer("vocab_size", 49408);
  }

  private static int length(ConfigFile config) {
    return config.section("text_config").integer("max_position_embeddings", 77);
  }

  /** Defaults of transformers, which its files leave out. */
  private static ClipConfig tower(ConfigFile file, int width, int mlp, int heads) {
    return new ClipConfig(
        file.integer("hidden_size", width),
        file.integer("intermediate_size", mlp),
        file.integer("num_hidden_layers", 12),
        file.integer("num_attention_heads", heads),
        file.number("layer_norm_eps", 1e-5));
  }

  /**
   * Loads a CLIP folder as transformers has it: {@code config.json}, weights, {@code vocab.json},
   * {@code merges.txt}.
   *
   * @throws IOException if the tokenizer cannot be read
   * @throws CheckpointException if something is missing or damaged
   */
  static ClipScore load(Path folder) throws IOException {
    ConfigFile config = ConfigFile.read(folder.resolve("config.json"));
    Path file =
        ModelFolder.weights(folder)
            .orElseThrow(() -> new CheckpointException(folder + ": no weights of CLIP there"));
    ClipTokenizer tokenizer = ClipTokenizer.load(folder, length(config), vocabulary(config));
    NDManager manager = NDManager.newBaseManager("PyTorch");
    try (TensorFiles tensors = TensorFiles.open(file)) {
      Weights weights = Weights.of(tensors, manager, Precision.FP32);
      return new ClipScore(weights, config, tokenizer, manager);
    } catch (RuntimeException e) {
      manager.close();
      tokenizer.close();
      throw e;
    }
  }

  /** How well a text describes an image, 0 to 100. */
  double of(Image image, String description) {
    return Math.max(0, 100 * similarity(image, description));
  }

  /** The cosine of the projections of an image and a text. */
  double similarity(Image image, String description) {
    try (NDManager scratch = manager.newSubManager()) {
      return Metrics.cosine(seen(scratch, image), read(scratch, description));
    }
  }

  /** The cosine of the projections of two images, whose sizes may differ. */
  double similarity(Image a, Image b) {
    try (NDManager scratch = manager.newSubManager()) {
      return Metrics.cosine(seen(scratch, a), seen(scratch, b));
    }
  }

  private NDArray seen(NDManager scratch, Image image) {
    int side = vision.imageSize();
    Image centre = Metrics.centre(image, side, side, Math::floor);
    NDArray pixels = PixelTransform.forClip(scratch, centre);
    return visionProjection.forward(visionNorm.forward(vision.states(pixels).get(":, 0")));
  }

  private NDArray read(NDManager scratch, String description) {
    long[] ids = tokenizer.encode(description);
    int last = 0;
    while (ids[last] != end && last < ids.length - 1) {
      last++;
    }
    NDArray states = text.forward(scratch.create(ids, new Shape(1, ids.length)));
    return textProjection.forward(states.get(":, " + last));
  }

  @Override
  public void close() {
    tokenizer.close();
    manager.close();
  }
}
