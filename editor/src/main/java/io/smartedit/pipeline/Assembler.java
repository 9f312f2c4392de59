package io.smartedit.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.smartedit.EditOptions;
import io.smartedit.checkpoint.CheckpointException;
import io.smartedit.checkpoint.ModelFolder;
import io.smartedit.clip.TextEncoder;
import io.smartedit.llama.Llama;
import io.smartedit.nn.Precision;
import io.smartedit.nn.WeightsException;
import io.smartedit.scheduler.NoiseSchedule;
import io.smartedit.text.ClipTokenizer;
import java.io.IOException;

/** Builds the reader's and the painter's side of a model from its nets. */
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

  /** Reads the painting side; fails as {@link #conditioner} does. */
  public Painter painter(Variant variant, Placement placement) {
    NDManager manager = NDManager.newBaseManager(placement.device(), ENGINE);
    try {
      Precision precision = placement.precision();
      Painter painter =
          new Painter(
              manager,
              nets.unet(manager, variant, precision),
              nets.autoencoder(manager, precision),
              nullText(manager),
              nets.prediction(),
              precision);
      manager.cap();
      return painter;
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
    Reader reader =
        new Reader(
            nets.vision(manager, precision),
            nets.projector(manager, llama, precision),
            llama,
            nets.tokenizer(llama),
            nets.maxTokens(),
            precision);
    return new MultimodalConditioner(
        manager, reader, nets.qformer(manager), nets.interaction(manager, variant));
  }

  private static RuntimeException unreadable(Exception e) {
    if (e instanceof RuntimeException known) {
      return known;
    }
    return new CheckpointException(String.valueOf(e.getMessage()), e);
  }
}
