package io.smartedit.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.smartedit.bim.Interaction;
import io.smartedit.bim.NoInteraction;
import io.smartedit.checkpoint.CheckpointException;
import io.smartedit.checkpoint.ModelFolder;
import io.smartedit.checkpoint.TensorFiles;
import io.smartedit.clip.TextEncoder;
import io.smartedit.clip.VisionEncoder;
import io.smartedit.llama.Llama;
import io.smartedit.nn.Linear;
import io.smartedit.nn.Precision;
import io.smartedit.nn.TensorSource;
import io.smartedit.nn.Weights;
import io.smartedit.nn.WeightsException;
import io.smartedit.qformer.QFormer;
import io.smartedit.scheduler.NoiseSchedule;
import io.smartedit.text.ClipTokenizer;
import io.smartedit.text.LlamaTokenizer;
import io.smartedit.unet.UNet;
import io.smartedit.vae.Autoencoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * Builds the reader's and the painter's side of a model from a folder; the only place that knows
 * both files and nets.
 */
public final class Assembler {

  private static final String ENGINE = "PyTorch";

  private final ModelFolder folder;
  private final ModelConfigs configs;

  public Assembler(ModelFolder folder) {
    this.folder = folder;
    this.configs = new ModelConfigs(folder);
  }

  /** The folder's noise schedule, Stable Diffusion's where it says none. */
  public NoiseSchedule schedule() {
    return configs.schedule();
  }

  /** Pixels a latent cell covers along a side; known without reading weights. */
  public int factor() {
    return configs.vae().factor();
  }

  /**
   * Reads the conditioning side.
   *
   * @throws CheckpointException if a part is missing or damaged
   * @throws WeightsException if a tensor is missing, unexpected or of the wrong shape
   */
  public Conditioner conditioner(Variant variant, Placement placement) {
    NDManager manager = NDManager.newBaseManager(placement.device(), ENGINE);
    try {
      Conditioner conditioner =
          variant == Variant.INSTRUCT_PIX2PIX
              ? textConditioner(manager)
              : multimodalConditioner(manager, variant, placement);
      manager.cap();
      return conditioner;
    } catch (RuntimeException | IOException e) {
      manager.close();
      throw unreadable(e);
    }
  }

  /** Reads the painting side; fails as {@link #conditioner} does. */
  public Painter painter(Variant variant, Placement placement) {
    NDManager manager = NDManager.newBaseManager(placement.device(), ENGINE);
    try {
      Precision precision = placement.precision();
      boolean baseline = variant == Variant.INSTRUCT_PIX2PIX;
      Path unetFile = baseline ? ModelParts.baselineUnet(folder) : ModelParts.unet(folder);
      UNet unet = load(unetFile, manager, precision, w -> UNet.load(w, configs.unet()));
      Autoencoder autoencoder =
          load(
              ModelParts.inDiffusion(folder, "vae"),
              manager,
              precision,
              w -> Autoencoder.load(w, configs.vae()));
      Painter painter = new Painter(manager, unet, autoencoder, nullText(manager), precision);
      manager.cap();
      return painter;
    } catch (RuntimeException e) {
      manager.close();
      throw unreadable(e);
    }
  }

  /** CLIP's states of the empty prompt; the text encoder is freed again. */
  private NDArray nullText(NDManager manager) {
    try (NDManager temporary = manager.newSubManager()) {
      TextEncoder encoder = textEncoder(temporary);
      NDArray states = encoder.forward(TextConditioner.ids(temporary, nullIds()));
      states.attach(manager);
      return states;
    }
  }

  /** Token ids of the empty prompt. */
  public long[] nullIds() {
    int vocabulary = configs.textVocabulary();
    return ClipTokenizer.empty(configs.textLength(), vocabulary - 2L, vocabulary - 1L);
  }

  /** CLIP's text encoder in single precision, in the given manager. */
  public TextEncoder textEncoder(NDManager manager) {
    return load(
        ModelParts.inDiffusion(folder, "text_encoder"),
        manager,
        Precision.FP32,
        w -> TextEncoder.load(w, configs.text(), configs.textVocabulary(), configs.textLength()));
  }

  private Conditioner textConditioner(NDManager manager) throws IOException {
    TextEncoder encoder = textEncoder(manager);
    Path tokenizer = ModelParts.diffusion(folder).resolve("tokenizer");
    return new TextConditioner(
        manager,
        encoder,
        ClipTokenizer.load(tokenizer, encoder.length(), configs.textVocabulary()));
  }

  private Conditioner multimodalConditioner(NDManager manager, Variant variant, Placement placement)
      throws IOException {
    Precision precision = placement.precision();
    VisionEncoder vision =
        load(
            ModelParts.clip(folder),
            manager,
            precision,
            w ->
                VisionEncoder.load(
                    w, configs.vision(), configs.visionSize(), configs.visionPatch()));
    Llama llama;
    try (TensorFiles file = TensorFiles.open(ModelParts.llm(folder))) {
      TensorSource source = ModelParts.llmSource(file, folder);
      Weights weights = Weights.of(source, manager, precision);
      llama = Llama.load(weights, configs.llama(source));
      weights.ignore(name -> name.equals("lm_head.weight"));
      weights.requireAllRead();
    }
    Linear projector;
    QFormer qformer;
    try (TensorFiles file = TensorFiles.open(ModelParts.qformer(folder))) {
      projector =
          ModelParts.projector(Weights.of(file, manager, precision), configs.vision(), llama);
      Weights weights = Weights.of(file, manager, Precision.FP32);
      qformer = QFormer.load(weights, configs.qformer(file));
      ModelParts.ignoreBesideQFormer(weights);
      weights.requireAllRead();
    }
    Interaction interaction =
        variant == Variant.NO_INTERACTION ? new NoInteraction() : interaction(manager, variant);
    int baseVocabulary = llama.config().vocabulary() - ModelConfigs.ADDED_TOKENS;
    LlamaTokenizer tokenizer = LlamaTokenizer.load(ModelParts.tokenizer(folder), baseVocabulary);
    Reader reader = new Reader(vision, projector, llama, tokenizer, configs.maxTokens(), precision);
    return new MultimodalConditioner(manager, reader, qformer, interaction);
  }

  private Interaction interaction(NDManager manager, Variant variant) {
    try (TensorFiles file = TensorFiles.open(ModelParts.interaction(folder))) {
      Weights weights = Weights.of(file, manager, Precision.FP32);
      Interaction interaction =
          ModelParts.interaction(weights, configs.interaction(file, variant), variant);
      weights.requireAllRead();
      return interaction;
    }
  }

  private static <N> N load(
      Path path, NDManager manager, Precision precision, Function<Weights, N> assemble) {
    try (TensorFiles file = TensorFiles.open(path)) {
      Weights weights = Weights.of(ModelParts.unprefixed(file), manager, precision);
      N net = assemble.apply(weights);
      weights.requireAllRead();
      return net;
    } catch (WeightsException e) {
      throw new CheckpointException(path + ": " + e.getMessage(), e);
    }
  }

  private static RuntimeException unreadable(Exception e) {
    if (e instanceof RuntimeException known) {
      return known;
    }
    return new CheckpointException(String.valueOf(e.getMessage()), e);
  }
}
