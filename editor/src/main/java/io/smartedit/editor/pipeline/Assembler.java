package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.checkpoint.AdapterFiles;
import io.smartedit.editor.checkpoint.CheckpointException;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.clip.TextEncoder;
import io.smartedit.editor.llama.Llama;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Weights;
import io.smartedit.editor.nn.WeightsException;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.editor.options.Placement;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.scheduler.NoiseSchedule;
import io.smartedit.editor.text.ClipTokenizer;
import io.smartedit.editor.unet.UNet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Builds the encoder's and the denoiser's side of a model from its nets. */
public final class Assembler {

  private static final String ENGINE = "PyTorch";

  private final ModelConfigs configs;
  private final NetLoader nets;

  public Assembler(ModelFolder folder) {
    this.configs = new ModelConfigs(folder);
    this.nets = new NetLoader(folder, NetLoader.View.STORED);
  }

  /** The folder's noise schedule, Stable Diffusion's where it says none. */
  public NoiseSchedule schedule() {
    return nets.schedule();
  }

  /** How the model's makers would edit; SmartEdit's published options where they say nothing. */
  public EditOptions options() {
    return nets.options();
  }

  /** Pixels a latent cell covers along a side; known without reading weights. */
  public int factor() {
    return nets.factor();
  }

  /** Side of the image that the vision encoder sees; 0 where the variant has none. */
  public int viewSide(Variant variant) {
    return variant == Variant.INSTRUCT_PIX2PIX ? 0 : configs.visionSize();
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
              : multimodalConditioner(manager, variant, placement.precision());
      manager.cap();
      return conditioner;
    } catch (RuntimeException | IOException e) {
      manager.close();
      throw unreadable(e);
    }
  }

  /** Reads the painting side, which has no adapters. */
  public Denoiser denoiser(Variant variant, Placement placement) {
    return denoiser(variant, placement, AdapterFiles.NONE);
  }

  /** Reads the painting side and its adapters; fails as {@link #conditioner} does. */
  public Denoiser denoiser(Variant variant, Placement placement, AdapterFiles adapters) {
    NDManager manager = NDManager.newBaseManager(placement.device(), ENGINE);
    try {
      Precision precision = placement.precision();
      List<Weights.Named> weights = new ArrayList<>();
      UNet unet = nets.unet(manager, variant, precision, weights);
      LatentDiffusion programs =
          new LatentDiffusion(
              manager,
              unet,
              nets.autoencoder(manager, precision),
              precision,
              true,
              AdapterBank.load(manager.newSubManager(), adapters, weights, variant, precision));
      Denoiser denoiser = new Denoiser(programs, nullText(manager), nets.prediction());
      manager.cap();
      return denoiser;
    } catch (RuntimeException e) {
      manager.close();
      throw unreadable(e);
    }
  }

  /** CLIP's states of the empty prompt; the text encoder is freed again. */
  public NDArray nullText(NDManager manager) {
    try (NDManager temporary = manager.newSubManager()) {
      TextEncoder encoder = nets.textEncoder(temporary);
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
    return nets.textEncoder(manager);
  }

  private Conditioner textConditioner(NDManager manager) throws IOException {
    TextEncoder encoder = nets.textEncoder(manager);
    return new TextConditioner(manager, encoder, nets.textTokenizer(encoder));
  }

  private Conditioner multimodalConditioner(NDManager manager, Variant variant, Precision precision)
      throws IOException {
    Llama llama = nets.llama(manager, precision);
    MultimodalEncoder encoder =
        new MultimodalEncoder(
            nets.vision(manager, precision),
            nets.projector(manager, llama, precision),
            llama,
            nets.tokenizer(llama),
            nets.maxTokens(),
            precision);
    return new MultimodalConditioner(
        manager, encoder, nets.qformer(manager), nets.interaction(manager, variant));
  }

  private static RuntimeException unreadable(Exception e) {
    if (e instanceof RuntimeException known) {
      return known;
    }
    return new CheckpointException(String.valueOf(e.getMessage()), e);
  }
}
