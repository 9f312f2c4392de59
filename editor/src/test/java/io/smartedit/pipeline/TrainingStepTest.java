package io.smartedit.pipeline;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.smartedit.bim.Interaction;
import io.smartedit.checkpoint.ModelFolder;
import io.smartedit.checkpoint.TensorFile;
import io.smartedit.checkpoint.TensorFiles;
import io.smartedit.clip.VisionEncoder;
import io.smartedit.image.Bicubic;
import io.smartedit.image.ImageCodec;
import io.smartedit.image.ImageLimits;
import io.smartedit.image.Picture;
import io.smartedit.image.PixelTransform;
import io.smartedit.llama.Llama;
import io.smartedit.nn.Linear;
import io.smartedit.nn.Ops;
import io.smartedit.nn.Precision;
import io.smartedit.nn.Tap;
import io.smartedit.nn.TensorSource;
import io.smartedit.nn.Weights;
import io.smartedit.qformer.QFormer;
import io.smartedit.unet.UNet;
import io.smartedit.vae.Autoencoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * The nets that edit are the nets that train: losses and gradients of one stage-3 step against
 * {@code training.safetensors}; see {@code parity/HOW.md}.
 */
final class TrainingStepTest {

  private static final Path TINY = Path.of("src/test/resources/parity/tiny");
  private static final int IGNORED = -100;
  private static final int FIRST_NEW_ROW = 512;

  private final NDManager manager = NDManager.newBaseManager("PyTorch");
  private final ModelFolder folder = ModelFolder.open(TINY);
  private final ModelConfigs configs = new ModelConfigs(folder);
  private final Map<String, NDArray> trained = new HashMap<>();

  @Test
  void lossesAndGradientsEqualTheReference() throws IOException {
    try (manager;
        TensorFile golden = TensorFile.open(TINY.resolve("training.safetensors"));
        TensorFiles llmFile = TensorFiles.open(ModelParts.llm(folder));
        TensorFiles qformerFile = TensorFiles.open(ModelParts.qformer(folder));
        TensorFiles interactionFile = TensorFiles.open(ModelParts.interaction(folder));
        TensorFiles unetFile = TensorFiles.open(ModelParts.unet(folder));
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      Weights llm =
          weights(ModelParts.llmSource(new Trained(llmFile, "model.base_model.model."), folder));
      Llama llama = Llama.load(llm, configs.llama(llm.source()));
      Weights beside = weights(new Trained(qformerFile, ""));
      QFormer qformer = QFormer.load(beside, configs.qformer(qformerFile));
      Linear projector = ModelParts.projector(beside, configs.vision(), llama.config());
      NDArray head = beside.get("lm_head.weight", 547, 96);
      Interaction interaction =
          ModelParts.interaction(
              weights(new Trained(interactionFile, "")),
              configs.interaction(interactionFile, Variant.SMARTEDIT),
              Variant.SMARTEDIT);
      UNet unet =
          UNet.load(weights(ModelParts.unprefixed(new Trained(unetFile, ""))), configs.unet());

      long[] labels = wholeNumbers(golden, "labels");
      NDArray features = features();
      NDArray hidden =
          llama.forward(
              embeddings(llama, wholeNumbers(golden, "input_ids"), projector.forward(features)),
              Tap.NONE);
      NDArray lmLoss = languageLoss(Ops.linear(hidden, head, null), labels);
      NDArray summary = qformer.forward(imageStates(hidden));
      NDArray noisy = golden.read("noisy_latents", manager, Precision.FP32);
      Interaction.Modulation modulation = interaction.forward(summary, features, noisy, Tap.NONE);
      NDArray prediction =
          unet.forward(
              noisy.concat(sourceLatents(), 1),
              new double[] {wholeNumbers(golden, "timestep")[0]},
              modulation.text(),
              modulation.feature());
      NDArray diffusionLoss =
          prediction.sub(golden.read("noise", manager, Precision.FP32)).square().mean();
      collector.backward(lmLoss.add(diffusionLoss));

      assertThat(lmLoss.getFloat()).isCloseTo(scalar(golden, "lm_loss"), within(1e-4f));
      assertThat(diffusionLoss.getFloat())
          .isCloseTo(scalar(golden, "diffusion_loss"), within(1e-4f));
      assertGradients(golden);
    }
  }

  private void assertGradients(TensorFile golden) {
    int compared = 0;
    for (String name : golden.names()) {
      if (name.startsWith("grad.")) {
        NDArray expected = golden.read(name, manager, Precision.FP32);
        NDArray actual = gradient(name.substring("grad.".length()));
        float difference = actual.sub(expected).abs().max().getFloat();
        assertThat(difference / expected.abs().max().getFloat()).as(name).isLessThan(1e-3f);
        compared++;
      }
    }
    assertThat(compared).isEqualTo(17);
  }

  private NDArray gradient(String name) {
    if (name.endsWith(".new_rows")) {
      String table = name.startsWith("llama.") ? "embed_tokens.weight" : "lm_head.weight";
      return trained(table).getGradient().get(FIRST_NEW_ROW + ":");
    }
    if (name.startsWith("lora.")) {
      String[] parts = name.split("\\.", -1);
      return trained(
              "layers.%s.self_attn.%s.lora_%s.default.weight"
                  .formatted(parts[1], parts[2], parts[3]))
          .getGradient();
    }
    return trained(name).getGradient();
  }

  private NDArray trained(String name) {
    return requireNonNull(trained.get(name), name);
  }

  /** Cross-entropy of each labelled token given those before it. */
  private NDArray languageLoss(NDArray logits, long[] labels) {
    int length = labels.length;
    long[] targets = Arrays.stream(labels).skip(1).map(label -> Math.max(0, label)).toArray();
    float[] counted = new float[length - 1];
    int count = 0;
    for (int i = 1; i < length; i++) {
      counted[i - 1] = labels[i] == IGNORED ? 0 : 1;
      count += labels[i] == IGNORED ? 0 : 1;
    }
    NDArray likelihoods =
        logits
            .get("0, :-1")
            .logSoftmax(-1)
            .gather(manager.create(targets, new Shape(length - 1, 1)), 1)
            .squeeze(1);
    return likelihoods.mul(manager.create(counted)).sum().div(-count);
  }

  /**
   * The 32 states before the last token, as the published program cuts them. Its {@code </s>} is
   * one token; the toy tokenizer spells it in five, so here the cut lies four tokens late.
   */
  private static NDArray imageStates(NDArray hidden) {
    return hidden.get(":, -33:-1");
  }

  private NDArray embeddings(Llama llama, long[] ids, NDArray patches) {
    int place = 0;
    while (ids[place] != FIRST_NEW_ROW + 3) {
      place++;
    }
    NDArray words = llama.embed(manager.create(ids, new Shape(1, ids.length)));
    return words
        .get(":, :" + place)
        .concat(patches, 1)
        .concat(words.get(":, " + (place + 1) + ":"), 1);
  }

  private NDArray features() throws IOException {
    try (TensorFiles file = TensorFiles.open(ModelParts.clip(folder))) {
      VisionEncoder vision =
          VisionEncoder.load(
              weights(file), configs.vision(), configs.visionSize(), configs.visionPatch());
      int side = configs.visionSize();
      return vision.forward(PixelTransform.forClip(manager, Bicubic.resize(source(), side, side)));
    }
  }

  private NDArray sourceLatents() throws IOException {
    try (TensorFiles file = TensorFiles.open(ModelParts.inDiffusion(folder, "vae"))) {
      Autoencoder autoencoder = Autoencoder.load(weights(file), configs.vae());
      return autoencoder.encodeMean(
          PixelTransform.forDiffusion(manager, Bicubic.resize(source(), 64, 64)));
    }
  }

  private static Picture source() throws IOException {
    return ImageCodec.decode(Files.readAllBytes(TINY.resolve("source.png")), ImageLimits.DEFAULT);
  }

  private Weights weights(TensorSource source) {
    return Weights.of(source, manager, Precision.FP32);
  }

  private long[] wholeNumbers(TensorFile file, String name) {
    return Arrays.stream(file.readStored(name, manager).toIntArray()).asLongStream().toArray();
  }

  private float scalar(TensorFile file, String name) {
    return file.read(name, manager, Precision.FP32).toFloatArray()[0];
  }

  /** A source whose arrays want gradients; each is read once and kept by its name. */
  private final class Trained implements TensorSource {
    private final TensorSource source;
    private final String prefix;

    private Trained(TensorSource source, String prefix) {
      this.source = source;
      this.prefix = prefix;
    }

    @Override
    public Set<String> names() {
      return source.names();
    }

    @Override
    public Shape shape(String name) {
      return source.shape(name);
    }

    @Override
    public DataType dataType(String name) {
      return source.dataType(name);
    }

    @Override
    public NDArray read(String name, NDManager scope, Precision precision) {
      return trained.computeIfAbsent(
          name.startsWith(prefix) ? name.substring(prefix.length()) : name,
          key -> {
            NDArray array = source.read(name, manager, precision);
            array.setRequiresGradient(true);
            return array;
          });
    }
  }
}
