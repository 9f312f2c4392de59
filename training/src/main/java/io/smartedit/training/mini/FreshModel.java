package io.smartedit.training.mini;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.editor.bim.BidirectionalInteraction;
import io.smartedit.editor.bim.InteractionConfig;
import io.smartedit.editor.bim.OneWayInteraction;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.checkpoint.Safetensors;
import io.smartedit.editor.clip.ClipConfig;
import io.smartedit.editor.clip.TextEncoder;
import io.smartedit.editor.clip.VisionEncoder;
import io.smartedit.editor.llama.Llama;
import io.smartedit.editor.llama.LlamaConfig;
import io.smartedit.editor.nn.TensorSource;
import io.smartedit.editor.nn.Weights;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.qformer.QFormer;
import io.smartedit.editor.qformer.QFormerConfig;
import io.smartedit.editor.text.PromptTemplate;
import io.smartedit.editor.unet.UNet;
import io.smartedit.editor.unet.UNetConfig;
import io.smartedit.editor.vae.Autoencoder;
import io.smartedit.editor.vae.VaeConfig;
import io.smartedit.training.emoji.Phrases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * An untrained smartedit-mini: SmartEdit's structure at a size that two processor cores can train,
 * in the layout of a published model.
 */
public final class FreshModel {

  private static final int VISION_SIZE = 64;
  private static final int VISION_PATCH = 8;
  private static final int TEXT_LENGTH = 16;
  private static final int TEXT_VOCABULARY = 64;
  private static final int MAX_TOKENS = 512;
  private static final int ADDED_TOKENS = 35;

  private static final int BASELINE_TEXT_LENGTH = 24;

  private static final ClipConfig VISION = new ClipConfig(128, 512, 5, 4, 1e-5);
  private static final ClipConfig TEXT = new ClipConfig(128, 256, 1, 4, 1e-5);
  private static final ClipConfig BASELINE_TEXT = new ClipConfig(128, 512, 4, 4, 1e-5);
  private static final QFormerConfig QFORMER =
      new QFormerConfig(TEXT_LENGTH, 128, 192, 384, 4, 4, 2);
  private static final InteractionConfig INTERACTION =
      new InteractionConfig(128, 128, 384, 2, 4, 64);
  private static final UNetConfig UNET =
      new UNetConfig(32, 16, List.of(64, 128), List.of(true, true), 2, 4, 128, 16);
  private static final VaeConfig VAE = new VaeConfig(16, List.of(32, 64, 64), 1, 8, 1);

  private final Path root;
  private final NDManager manager;

  private FreshModel(Path root, NDManager manager) {
    this.root = root;
    this.manager = manager;
  }

  /** Writes the model into a folder that is empty or does not exist. */
  public static void create(Path root, int seed) throws IOException {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      manager.getEngine().setRandomSeed(seed);
      FreshModel model = new FreshModel(root, manager);
      model.smartEdit();
      model.beside();
    }
  }

  /**
   * Replaces a model's interaction module by an untrained one.
   *
   * @param variant says which; has one
   */
  static void renewInteraction(Path root, Variant variant, int seed) throws IOException {
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      manager.getEngine().setRandomSeed(seed);
      new FreshModel(root, manager).interaction(variant);
    }
  }

  /**
   * Adds what {@link Variant#INSTRUCT_PIX2PIX} needs: an untrained text encoder that knows the data
   * set's words, and a UNet of its own that begins as another model's.
   */
  static void addBaseline(Path root, ModelFolder from, int seed) throws IOException {
    int vocabulary = BytePairFiles.write(root.resolve("instruct-pix2pix/tokenizer"), words());
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      manager.getEngine().setRandomSeed(seed);
      new FreshModel(root, manager).textEncoder(BASELINE_TEXT, vocabulary, BASELINE_TEXT_LENGTH);
    }
    Files.copy(
        from.unet().orElseThrow(),
        root.resolve("instruct-pix2pix/unet/diffusion_pytorch_model.safetensors"),
        StandardCopyOption.REPLACE_EXISTING);
  }

  private void smartEdit() throws IOException {
    List<String> pieces = pieces();
    LlamaConfig llama =
        new LlamaConfig(
            SentencePieceFile.vocabulary(pieces) + ADDED_TOKENS, 192, 512, 4, 6, 1e-6, 10000);
    config(
        "config.json",
        Map.of(
            "name", "smartedit-mini",
            "q_heads", QFORMER.heads(),
            "bim_heads", INTERACTION.heads(),
            "defaults",
                Map.of("size", VISION_SIZE, "steps", 4, "guidance", 1.0, "image_guidance", 1.0)));
    weights("smartedit/LLM-0/model.safetensors", w -> Llama.load(w, llama));
    Map<String, NDArray> beside = random(w -> QFormer.load(w, QFORMER));
    beside.put("mm_projector.weight", normal(new Shape(llama.width(), VISION.width()), 1));
    beside.put("mm_projector.bias", manager.zeros(new Shape(llama.width())));
    beside.put("lm_head.weight", normal(new Shape(llama.vocabulary(), llama.width()), 1));
    write("smartedit/embeddings_qformer/checkpoint-0_embeddings_qformer.safetensors", beside);
    weights("smartedit/unet-0/diffusion_pytorch_model.safetensors", w -> UNet.load(w, UNET));
    interaction(Variant.SMARTEDIT);
    config(
        "vicuna/config.json",
        Map.of(
            "num_attention_heads", llama.heads(),
            "rms_norm_eps", llama.epsilon(),
            "rope_theta", llama.ropeBase(),
            "max_position_embeddings", MAX_TOKENS));
    SentencePieceFile.write(root.resolve("vicuna/tokenizer.model"), pieces);
  }

  private void beside() throws IOException {
    config(
        "clip-vision/config.json",
        Map.of(
            "model_type", "clip_vision_model",
            "hidden_size", VISION.width(),
            "intermediate_size", VISION.mlp(),
            "num_hidden_layers", VISION.layers(),
            "num_attention_heads", VISION.heads(),
            "image_size", VISION_SIZE,
            "patch_size", VISION_PATCH));
    weights(
        "clip-vision/model.safetensors",
        w -> VisionEncoder.load(w, VISION, VISION_SIZE, VISION_PATCH));
    textEncoder(TEXT, TEXT_VOCABULARY, TEXT_LENGTH);
    config(
        "instruct-pix2pix/vae/config.json",
        Map.of(
            "latent_channels", VAE.latentChannels(),
            "block_out_channels", VAE.channels(),
            "layers_per_block", VAE.layers(),
            "norm_num_groups", VAE.groups(),
            "scaling_factor", VAE.scale()));
    weights(
        "instruct-pix2pix/vae/diffusion_pytorch_model.safetensors", w -> Autoencoder.load(w, VAE));
    config(
        "instruct-pix2pix/unet/config.json",
        Map.of(
            "in_channels", UNET.inChannels(),
            "out_channels", UNET.outChannels(),
            "block_out_channels", UNET.channels(),
            "down_block_types", List.of("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            "layers_per_block", UNET.layers(),
            "attention_head_dim", UNET.heads(),
            "cross_attention_dim", UNET.contextWidth(),
            "norm_num_groups", UNET.groups()));
    config(
        "instruct-pix2pix/scheduler/scheduler_config.json",
        Map.of("prediction_type", "source_offset", "beta_schedule", "scaled_linear"));
  }

  private void interaction(Variant variant) throws IOException {
    weights(
        "smartedit/modulate-0/model.safetensors",
        variant == Variant.ONE_WAY
            ? w -> OneWayInteraction.load(w, INTERACTION)
            : w -> BidirectionalInteraction.load(w, INTERACTION));
  }

  private void textEncoder(ClipConfig text, int vocabulary, int length) throws IOException {
    config(
        "instruct-pix2pix/text_encoder/config.json",
        Map.of(
            "hidden_size", text.width(),
            "intermediate_size", text.mlp(),
            "num_hidden_layers", text.layers(),
            "num_attention_heads", text.heads(),
            "vocab_size", vocabulary,
            "max_position_embeddings", length));
    weights(
        "instruct-pix2pix/text_encoder/model.safetensors",
        w -> TextEncoder.load(w, text, vocabulary, length));
  }

  /** The words that an instruction's punctuation leaves, and the punctuation. */
  private static Set<String> words() {
    Set<String> words = new TreeSet<>(List.of(".", ","));
    for (String word : Phrases.words()) {
      words.addAll(List.of(word.toLowerCase(Locale.ROOT).split("[^a-z]+", -1)));
    }
    words.remove("");
    return words;
  }

  /**
   * Words with and without a capital, and the constant stretches of the prompt as one piece each,
   * so that a sequence is hardly longer than its image and its instruction.
   */
  private static List<String> pieces() {
    String prompt = PromptTemplate.render("|");
    List<String> pieces = new ArrayList<>();
    // The prompt's head names an added token, which is cut out.
    for (String part : prompt.substring(0, prompt.indexOf("<im_start>")).split("<img>", -1)) {
      pieces.add(" " + part.strip());
    }
    pieces.add(prompt.substring(prompt.indexOf('|') + 1, prompt.lastIndexOf(" <img_0>")));
    for (String word : Phrases.words()) {
      pieces.add(" " + word);
      pieces.add(" " + Character.toUpperCase(word.charAt(0)) + word.substring(1));
    }
    pieces.addAll(List.of(".", ",", " "));
    return pieces;
  }

  private void weights(String file, Consumer<Weights> load) throws IOException {
    write(file, random(load));
  }

  private void write(String file, Map<String, NDArray> arrays) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Safetensors.write(path, arrays, Map.of());
  }

  private void config(String file, Map<String, Object> values) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValue(path.toFile(), values);
  }

  /** What a net asks for, heard by letting it load from nothing, with a first value each. */
  private Map<String, NDArray> random(Consumer<Weights> load) {
    Weights survey = Weights.survey(TensorSource.NONE, manager);
    load.accept(survey);
    Map<String, NDArray> arrays = new LinkedHashMap<>();
    survey.expected().forEach((name, shape) -> arrays.put(name, first(name, shape)));
    return arrays;
  }

  /** Unit variance through every layer; layers that end a residual branch begin small. */
  private NDArray first(String name, Shape shape) {
    if (name.endsWith("bias")) {
      return manager.zeros(shape);
    }
    if (name.endsWith("gaussian_matrix")) {
      return manager.randomNormal(0, 1, shape, DataType.FLOAT32);
    }
    if (shape.dimension() == 1) {
      return name.endsWith("class_embedding") ? normal(shape, 1) : manager.ones(shape);
    }
    boolean table = name.contains("embed") && !name.contains("patch") && !name.contains("time");
    if (table || name.equals("sd_query_tokens")) {
      return manager.randomNormal(0, 0.5f, shape, DataType.FLOAT32);
    }
    return normal(shape, endsBranch(name) ? 0.3 : 1);
  }

  private static boolean endsBranch(String name) {
    return name.matches(
        ".*(o_proj|down_proj|out_proj|fc2|to_out\\.0|proj_out|conv2|ff\\.net\\.2|conv_out)\\.weight");
  }

  private NDArray normal(Shape shape, double gain) {
    double fanIn = (double) shape.size() / shape.get(0);
    return manager.randomNormal(0, (float) (gain / Math.sqrt(fanIn)), shape, DataType.FLOAT32);
  }
}
