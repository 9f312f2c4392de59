package io.smartedit.evaluation.parity;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.smartedit.editor.bim.Interaction;
import io.smartedit.editor.checkpoint.CheckpointException;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.checkpoint.TensorFile;
import io.smartedit.editor.clip.VisionEncoder;
import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.editor.image.PixelTransform;
import io.smartedit.editor.llama.Llama;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.options.Variant;
import io.smartedit.editor.pipeline.NetLoader;
import io.smartedit.editor.qformer.QFormer;
import io.smartedit.editor.text.LlamaTokenizer;
import io.smartedit.editor.unet.UNet;
import io.smartedit.editor.vae.Autoencoder;
import io.smartedit.training.Criteria;
import io.smartedit.training.ParameterSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One stage-3 training step of the paper, dropout off, against {@code training.safetensors}:
 * language loss, diffusion loss, and the gradients of named weights.
 */
public final class TrainingParity {

  private static final double LOSS_TOLERANCE = 1e-4;
  private static final double GRADIENT_TOLERANCE = 1e-3;
  private static final String GRADIENT = "grad.";
  private static final String NEW_ROWS = ".new_rows";
  private static final int ADDED_TOKENS = 3 + LlamaTokenizer.IMAGE_TOKENS;

  private final Path folder;
  private final NDManager manager;
  private final TensorFile golden;
  private final ParameterSet parameters = new ParameterSet((file, name) -> isTrained(file));
  private final NetLoader nets;

  private TrainingParity(Path folder, NDManager manager, TensorFile golden) {
    this.folder = folder;
    this.manager = manager;
    this.golden = golden;
    nets = new NetLoader(ModelFolder.open(folder), parameters);
  }

  /**
   * Runs the step and compares.
   *
   * @param folder laid out as for {@link EditParity}, with {@code training.safetensors}
   * @throws CheckpointException if the folder lacks something
   */
  public static List<Comparison> run(Path folder) {
    Path file = folder.resolve("training.safetensors");
    try (NDManager manager = NDManager.newBaseManager("PyTorch");
        TensorFile golden = TensorFile.open(file)) {
      TrainingParity parity = new TrainingParity(folder, manager, golden);
      try {
        return parity.compare();
      } finally {
        parity.parameters.close();
      }
    } catch (IOException e) {
      throw new CheckpointException(folder + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static boolean isTrained(Path file) {
    String name = file.toString();
    return !name.contains("clip") && !name.contains("instruct-pix2pix");
  }

  private List<Comparison> compare() throws IOException {
    List<Comparison> comparisons = new ArrayList<>();
    Llama llama;
    // Adapters are merged while the LLM is loaded, and that is part of the graph.
    try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
      llama = nets.llama(manager, Precision.FP32);
      NDArray head = nets.head(manager, llama, Precision.FP32);
      NDArray features = features();
      NDArray hidden = hidden(llama, features);
      NDArray language = languageLoss(Ops.linear(hidden, head, null));
      NDArray diffusion = diffusionLoss(hidden, features);
      Ops.backward(collector, language.add(diffusion));
      comparisons.add(comparison("lm_loss", language, LOSS_TOLERANCE));
      comparisons.add(comparison("diffusion_loss", diffusion, LOSS_TOLERANCE));
    }
    int firstNew = llama.config().vocabulary() - ADDED_TOKENS;
    for (String name : golden.names()) {
      if (name.startsWith(GRADIENT)) {
        comparisons.add(comparison(name, gradient(name, firstNew), GRADIENT_TOLERANCE));
      }
    }
    return comparisons;
  }

  private NDArray hidden(Llama llama, NDArray features) {
    Linear projector = nets.projector(manager, llama, Precision.FP32);
    long[] ids = wholeNumbers("input_ids");
    int firstNew = llama.config().vocabulary() - ADDED_TOKENS;
    int place = 0;
    while (ids[place] != firstNew + 3) {
      place++;
    }
    NDArray words = llama.embed(manager.create(ids, new Shape(1, ids.length)));
    NDArray embeddings =
        words
            .get(":, :" + place)
            .concat(projector.forward(features), 1)
            .concat(words.get(":, " + (place + 1) + ":"), 1);
    return llama.forward(embeddings, Tap.NONE);
  }

  /** Cross-entropy of each labelled token given those before it. */
  private NDArray languageLoss(NDArray logits) {
    long[] labels = wholeNumbers("labels");
    return Criteria.crossEntropy(
        logits.get("0, :-1"), Arrays.copyOfRange(labels, 1, labels.length));
  }

  private NDArray diffusionLoss(NDArray hidden, NDArray features) throws IOException {
    QFormer qformer = nets.qformer(manager);
    Interaction interaction = nets.interaction(manager, Variant.SMARTEDIT);
    UNet unet = nets.unet(manager, Variant.SMARTEDIT, Precision.FP32);
    NDArray noisy = tensor("noisy_latents");
    // The 32 states before the last token, as the published program cuts them.
    int tokens = LlamaTokenizer.IMAGE_TOKENS;
    NDArray summary = qformer.forward(hidden.get(":, -" + (tokens + 1) + ":-1"));
    Interaction.Modulation modulation = interaction.forward(summary, features, noisy, Tap.NONE);
    NDArray prediction =
        unet.forward(
            noisy.concat(sourceLatents(noisy.getShape()), 1),
            new double[] {wholeNumbers("timestep")[0]},
            modulation.text(),
            modulation.feature());
    return Criteria.squared(prediction, tensor("noise"));
  }

  private NDArray features() throws IOException {
    VisionEncoder vision = nets.vision(manager, Precision.FP32);
    int side = vision.imageSize();
    return vision.forward(PixelTransform.forClip(manager, Bicubic.resize(source(), side, side)));
  }

  private NDArray sourceLatents(Shape latents) throws IOException {
    Autoencoder autoencoder = nets.autoencoder(manager, Precision.FP32);
    int factor = autoencoder.config().factor();
    int width = Math.toIntExact(latents.get(3)) * factor;
    int height = Math.toIntExact(latents.get(2)) * factor;
    return autoencoder.encodeMean(
        PixelTransform.forDiffusion(manager, Bicubic.resize(source(), width, height)));
  }

  private NDArray gradient(String name, int firstNew) {
    String plain = name.substring(GRADIENT.length());
    if (plain.endsWith(NEW_ROWS)) {
      String table = plain.startsWith("llama.") ? "embed_tokens.weight" : "lm_head.weight";
      return trained(table).getGradient().get(firstNew + ":");
    }
    if (plain.startsWith("lora.")) {
      String[] parts = plain.split("\\.", -1);
      return trained(
              "layers.%s.self_attn.%s.lora_%s.default.weight"
                  .formatted(parts[1], parts[2], parts[3]))
          .getGradient();
    }
    return trained(plain).getGradient();
  }

  private NDArray trained(String name) {
    return parameters.parameters().stream()
        .filter(
            parameter ->
                parameter.name().endsWith("/" + name) || parameter.name().endsWith("." + name))
        .findFirst()
        .orElseThrow(() -> new CheckpointException(folder + ": missing tensor " + name))
        .array();
  }

  /** Differences relative to the reference's largest value; of losses as they are. */
  private Comparison comparison(String name, NDArray actual, double allowed) {
    NDArray expected = tensor(name);
    NDArray difference = actual.reshape(expected.getShape()).sub(expected).abs();
    boolean loss = expected.getShape().size() == 1;
    double scale = loss ? 1 : expected.abs().max().getFloat();
    return new Comparison(
        name,
        expected.getShape(),
        difference.max().getFloat() / scale,
        difference.mean().getFloat() / scale,
        allowed);
  }

  private NDArray tensor(String name) {
    return golden.read(name, manager, Precision.FP32);
  }

  private long[] wholeNumbers(String name) {
    return Arrays.stream(golden.readStored(name, manager).toIntArray()).asLongStream().toArray();
  }

  private Image source() throws IOException {
    return ImageCodec.decode(Files.readAllBytes(folder.resolve("source.png")), ImageLimits.DEFAULT);
  }
}
