package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.bim.Interaction;
import io.smartedit.editor.bim.NoInteraction;
import io.smartedit.editor.checkpoint.CheckpointException;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.checkpoint.TensorFiles;
import io.smartedit.editor.clip.TextEncoder;
import io.smartedit.editor.clip.VisionEncoder;
import io.smartedit.editor.llama.Llama;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.TensorSource;
import io.smartedit.editor.nn.Weights;
import io.smartedit.editor.nn.WeightsException;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.qformer.QFormer;
import io.smartedit.editor.scheduler.NoiseSchedule;
import io.smartedit.editor.scheduler.Prediction;
import io.smartedit.editor.text.ClipTokenizer;
import io.smartedit.editor.text.LlamaTokenizer;
import io.smartedit.editor.unet.UNet;
import io.smartedit.editor.vae.Autoencoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Loads the nets of a model folder one by one; the only place that knows both files and nets.
 *
 * <p>Running an edit and training load through it, so both have the same nets. Every method reads
 * its weights anew into the manager it is given. Failures: {@link CheckpointException} for a part
 * that is missing or damaged, {@link WeightsException} for a tensor that is missing, unexpected or
 * of the wrong shape.
 */
public final class NetLoader {

  private final ModelFolder folder;
  private final ModelConfigs configs;
  private final View view;

  /** How a file's tensors are seen; training keeps those it wants to change. */
  @FunctionalInterface
  public interface View {
    /** Tensors as they are stored. */
    View STORED = (path, file) -> file;

    /**
     * @param file closed once the net is loaded
     */
    TensorSource of(Path path, TensorSource file);
  }

  public NetLoader(ModelFolder folder, View view) {
    this.folder = folder;
    this.configs = new ModelConfigs(folder);
    this.view = view;
  }

  /** The folder's noise schedule, Stable Diffusion's where it says none. */
  public NoiseSchedule schedule() {
    return configs.schedule();
  }

  /** What the folder's UNets predict. */
  public Prediction prediction() {
    return configs.prediction();
  }

  /** How the model's makers would edit; SmartEdit's published options where they say nothing. */
  public EditOptions options() {
    return configs.options();
  }

  /** Pixels a latent cell covers along a side; known without reading weights. */
  public int factor() {
    return configs.vae().factor();
  }

  /** Tokens the LLM has room for, patches included. */
  public int maxTokens() {
    return configs.maxTokens();
  }

  public VisionEncoder vision(NDManager manager, Precision precision) {
    return load(
        ModelParts.clip(folder),
        manager,
        precision,
        w -> VisionEncoder.load(w, configs.vision(), configs.visionSize(), configs.visionPatch()));
  }

  /** The LLM, its adapters merged. */
  public Llama llama(NDManager manager, Precision precision) {
    Path path = ModelParts.llm(folder);
    try (TensorFiles file = TensorFiles.open(path)) {
      TensorSource source = ModelParts.llmSource(view.of(path, file), folder);
      Weights weights = Weights.of(source, manager, precision);
      Llama llama = Llama.load(weights, configs.llama(source));
      weights.ignore(name -> name.equals("lm_head.weight"));
      weights.requireAllRead();
      return llama;
    }
  }

  /** The LLM's tokenizer. */
  public LlamaTokenizer tokenizer(Llama llama) throws IOException {
    int baseVocabulary = llama.config().vocabulary() - ModelConfigs.ADDED_TOKENS;
    return LlamaTokenizer.load(ModelParts.tokenizer(folder), baseVocabulary);
  }

  /** From the vision encoder's features to the LLM's embeddings. */
  public Linear projector(NDManager manager, Llama llama, Precision precision) {
    return beside(
        manager, precision, w -> ModelParts.projector(w, configs.vision(), llama.config()));
  }

  /** The LLM's output head, {@code [vocabulary, C]}; training alone needs it. */
  public NDArray head(NDManager manager, Llama llama, Precision precision) {
    return beside(
        manager,
        precision,
        w -> w.get("lm_head.weight", llama.config().vocabulary(), llama.config().width()));
  }

  public QFormer qformer(NDManager manager) {
    return beside(
        manager,
        Precision.FP32,
        weights -> {
          QFormer qformer = QFormer.load(weights, configs.qformer(weights.source()));
          ModelParts.ignoreBesideQFormer(weights);
          weights.requireAllRead();
          return qformer;
        });
  }

  public Interaction interaction(NDManager manager, Variant variant) {
    return variant == Variant.NO_INTERACTION
        ? new NoInteraction()
        : load(
            ModelParts.interaction(folder),
            manager,
            Precision.FP32,
            w -> ModelParts.interaction(w, configs.interaction(w.source(), variant), variant));
  }

  /** The variant's UNet. */
  public UNet unet(NDManager manager, Variant variant, Precision precision) {
    return unet(manager, variant, precision, new ArrayList<>());
  }

  /** The same, with its weights added to a list by their names. */
  UNet unet(NDManager manager, Variant variant, Precision precision, List<Weights.Named> weights) {
    Path path =
        variant == Variant.INSTRUCT_PIX2PIX
            ? ModelParts.baselineUnet(folder)
            : ModelParts.unet(folder);
    return load(
        path,
        manager,
        precision,
        w -> {
          UNet unet = UNet.load(w, configs.unet());
          weights.addAll(w.arrays());
          return unet;
        });
  }

  public Autoencoder autoencoder(NDManager manager, Precision precision) {
    return load(
        ModelParts.inDiffusion(folder, "vae"),
        manager,
        precision,
        w -> Autoencoder.load(w, configs.vae()));
  }

  /** CLIP's text encoder in single precision. */
  public TextEncoder textEncoder(NDManager manager) {
    return load(
        ModelParts.inDiffusion(folder, "text_encoder"),
        manager,
        Precision.FP32,
        w -> TextEncoder.load(w, configs.text(), configs.textVocabulary(), configs.textLength()));
  }

  /** CLIP's tokenizer, beside the text encoder. */
  public ClipTokenizer textTokenizer(TextEncoder encoder) throws IOException {
    Path tokenizer = ModelParts.diffusion(folder).resolve("tokenizer");
    return ClipTokenizer.load(tokenizer, encoder.length(), configs.textVocabulary());
  }

  private <N> N beside(NDManager manager, Precision precision, Function<Weights, N> assemble) {
    Path path = ModelParts.qformer(folder);
    try (TensorFiles file = TensorFiles.open(path)) {
      return assemble.apply(Weights.of(view.of(path, file), manager, precision));
    } catch (WeightsException e) {
      throw new CheckpointException(path + ": " + e.getMessage(), e);
    }
  }

  private <N> N load(
      Path path, NDManager manager, Precision precision, Function<Weights, N> assemble) {
    try (TensorFiles file = TensorFiles.open(path)) {
      TensorSource source = ModelParts.unprefixed(view.of(path, file));
      Weights weights = Weights.of(source, manager, precision);
      N net = assemble.apply(weights);
      weights.requireAllRead();
      return net;
    } catch (WeightsException e) {
      throw new CheckpointException(path + ": " + e.getMessage(), e);
    }
  }
}
