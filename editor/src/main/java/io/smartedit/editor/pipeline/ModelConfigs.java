package io.smartedit.editor.pipeline;

import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.bim.InteractionConfig;
import io.smartedit.editor.checkpoint.CheckpointException;
import io.smartedit.editor.checkpoint.ConfigFile;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.clip.ClipConfig;
import io.smartedit.editor.llama.LlamaConfig;
import io.smartedit.editor.nn.TensorSource;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.qformer.QFormerConfig;
import io.smartedit.editor.scheduler.NoiseSchedule;
import io.smartedit.editor.scheduler.Prediction;
import io.smartedit.editor.scheduler.Sampler;
import io.smartedit.editor.text.LlamaTokenizer;
import io.smartedit.editor.unet.UNetConfig;
import io.smartedit.editor.vae.VaeConfig;
import java.nio.file.Path;
import java.util.List;

/**
 * Sizes of every part: from its {@code config.json} where it has one, else from its tensors, else
 * as published.
 */
final class ModelConfigs {

  /** {@code <img>}, {@code <im_start>}, {@code <im_end>} and the image tokens. */
  static final int ADDED_TOKENS = 3 + LlamaTokenizer.IMAGE_TOKENS;

  private static final int LLAMA_HEAD_WIDTH = 128;
  private static final int QFORMER_HEAD_WIDTH = 64;
  private static final int QFORMER_CROSS_EVERY = 2;
  private static final int INTERACTION_HEADS = 8;

  private final ModelFolder folder;

  ModelConfigs(ModelFolder folder) {
    this.folder = folder;
  }

  ClipConfig vision() {
    // Defaults of a nested config are transformers' own, of clip-vit-base-patch32.
    return clip(visionFile());
  }

  int visionSize() {
    return visionFile().integer("image_size", 224);
  }

  int visionPatch() {
    return visionFile().integer("patch_size", 32);
  }

  ClipConfig text() {
    return clip(textFile());
  }

  int textVocabulary() {
    return textFile().integer("vocab_size", 49408);
  }

  int textLength() {
    return textFile().integer("max_position_embeddings", 77);
  }

  LlamaConfig llama(TensorSource llm) {
    ConfigFile file = llamaFile();
    Shape embedding = shape(llm, "embed_tokens.weight", 2);
    int width = (int) embedding.get(1);
    return new LlamaConfig(
        (int) embedding.get(0),
        width,
        (int) shape(llm, "layers.0.mlp.gate_proj.weight", 2).get(0),
        count(llm, "layers.%d.input_layernorm.weight"),
        file.integer("num_attention_heads", Math.max(1, width / LLAMA_HEAD_WIDTH)),
        file.number("rms_norm_eps", 1e-6),
        file.number("rope_theta", 10000));
  }

  int maxTokens() {
    return llamaFile().integer("max_position_embeddings", 2048);
  }

  QFormerConfig qformer(TensorSource file) {
    Shape queries = shape(file, "sd_query_tokens", 3);
    int width = (int) queries.get(2);
    String layer = "sd_qformer.encoder.layer.";
    int encoderWidth = (int) shape(file, layer + "0.crossattention.self.key.weight", 2).get(1);
    return new QFormerConfig(
        (int) queries.get(1),
        width,
        encoderWidth,
        (int) shape(file, layer + "0.intermediate_query.dense.weight", 2).get(0),
        count(file, layer + "%d.attention.self.query.weight"),
        folder.descriptor().integer("q_heads", Math.max(1, width / QFORMER_HEAD_WIDTH)),
        QFORMER_CROSS_EVERY);
  }

  InteractionConfig interaction(TensorSource file, Variant variant) {
    Shape head = shape(file, "modulate_head.weight", 2);
    boolean oneWay = variant == Variant.ONE_WAY;
    String mlp =
        oneWay
            ? "modulate_cross_attention.mlp.lin1.weight"
            : "modulate_transformer.layers.0.mlp.lin1.weight";
    return new InteractionConfig(
        (int) head.get(1),
        (int) head.get(0),
        (int) shape(file, mlp, 2).get(0),
        count(file, "modulate_transformer.layers.%d.norm1.weight"),
        folder.descriptor().integer("bim_heads", INTERACTION_HEADS),
        oneWay ? 0 : (int) shape(file, "dimension_reduction_head_zeroconv.weight", 4).get(0));
  }

  UNetConfig unet() {
    ConfigFile file = inDiffusion("unet");
    List<Boolean> attends =
        file
            .texts(
                "down_block_types",
                List.of(
                    "CrossAttnDownBlock2D",
                    "CrossAttnDownBlock2D",
                    "CrossAttnDownBlock2D",
                    "DownBlock2D"))
            .stream()
            .map(type -> attends(file, type))
            .toList();
    return new UNetConfig(
        file.integer("in_channels", 8),
        file.integer("out_channels", 4),
        file.integers("block_out_channels", List.of(320, 640, 1280, 1280)),
        attends,
        file.integer("layers_per_block", 2),
        file.integer("attention_head_dim", 8),
        file.integer("cross_attention_dim", 768),
        file.integer("norm_num_groups", 32));
  }

  VaeConfig vae() {
    ConfigFile file = inDiffusion("vae");
    return new VaeConfig(
        file.integer("latent_channels", 4),
        file.integers("block_out_channels", List.of(128, 256, 512, 512)),
        file.integer("layers_per_block", 2),
        file.integer("norm_num_groups", 32),
        file.number("scaling_factor", 0.18215));
  }

  Prediction prediction() {
    ConfigFile file = schedulerFile();
    String name = file.text("prediction_type", Prediction.EPSILON.toString());
    for (Prediction prediction : Prediction.values()) {
      if (prediction.toString().equals(name)) {
        return prediction;
      }
    }
    throw new CheckpointException(
        file + ": prediction_type " + name + " is not supported, only epsilon and source_offset");
  }

  NoiseSchedule schedule() {
    ConfigFile file = schedulerFile();
    String betas = file.text("beta_schedule", "scaled_linear");
    if (!betas.equals("scaled_linear")) {
      throw new CheckpointException(
          file + ": beta_schedule " + betas + " is not supported, only scaled_linear");
    }
    NoiseSchedule standard = NoiseSchedule.STABLE_DIFFUSION;
    return new NoiseSchedule(
        file.number("beta_start", standard.betaStart()),
        file.number("beta_end", standard.betaEnd()),
        file.integer("num_train_timesteps", standard.trainingSteps()));
  }

  /** What the model's makers recommend, in the descriptor's {@code defaults}. */
  EditOptions options() {
    ConfigFile own = folder.descriptor().section("defaults");
    EditOptions usual = EditOptions.DEFAULT;
    return new EditOptions(
        own.integer("steps", usual.steps()),
        new Guidance(
            own.number("guidance", usual.guidance().text()),
            own.number("image_guidance", usual.guidance().image()),
            own.number("guidance_from", usual.guidance().from()),
            own.number("guidance_until", usual.guidance().until())),
        usual.seed(),
        own.integer("size", usual.size()),
        usual.fit(),
        usual.restore(),
        usual.composite(),
        sampler(own.text("sampler", usual.sampler().toString())));
  }

  private Sampler sampler(String name) {
    try {
      return Sampler.named(name);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(folder.descriptor() + ": " + e.getMessage(), e);
    }
  }

  private ConfigFile schedulerFile() {
    return ConfigFile.read(
        ModelParts.diffusion(folder).resolve("scheduler").resolve("scheduler_config.json"));
  }

  private static ClipConfig clip(ConfigFile file) {
    String activation = file.text("hidden_act", "quick_gelu");
    if (!activation.equals("quick_gelu")) {
      throw new CheckpointException(
          file + ": hidden_act " + activation + " is not supported, only quick_gelu");
    }
    return new ClipConfig(
        file.integer("hidden_size", 768),
        file.integer("intermediate_size", 3072),
        file.integer("num_hidden_layers", 12),
        file.integer("num_attention_heads", 12),
        file.number("layer_norm_eps", 1e-5));
  }

  private ConfigFile visionFile() {
    Path clip = ModelParts.clip(folder);
    return ConfigFile.read(clip.resolveSibling("config.json")).within("vision_config");
  }

  private ConfigFile textFile() {
    return inDiffusion("text_encoder");
  }

  private ConfigFile llamaFile() {
    return ConfigFile.read(ModelParts.tokenizer(folder).resolveSibling("config.json"));
  }

  private ConfigFile inDiffusion(String part) {
    return ConfigFile.read(ModelParts.diffusion(folder).resolve(part).resolve("config.json"));
  }

  private static boolean attends(ConfigFile file, String type) {
    return switch (type) {
      case "CrossAttnDownBlock2D" -> true;
      case "DownBlock2D" -> false;
      default -> throw new CheckpointException(file + ": block type " + type + " is not supported");
    };
  }

  private static Shape shape(TensorSource source, String name, int dimensions) {
    if (!source.names().contains(name)) {
      throw new CheckpointException(source + ": missing tensor " + name);
    }
    Shape shape = source.shape(name);
    if (shape.dimension() != dimensions) {
      throw new CheckpointException(
          source
              + ": tensor "
              + name
              + " has shape "
              + shape
              + ", expected "
              + dimensions
              + " dimensions");
    }
    return shape;
  }

  private static int count(TensorSource source, String pattern) {
    int count = 0;
    while (source.names().contains(pattern.formatted(count))) {
      count++;
    }
    return count;
  }
}
