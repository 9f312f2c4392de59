package io.smartedit.training.mini;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.PixelTransform;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.pipeline.NetLoader;
import io.smartedit.editor.vae.Autoencoder;
import io.smartedit.training.Images;
import io.smartedit.training.Losses;
import io.smartedit.training.Noise;
import io.smartedit.training.SampleSheet;
import io.smartedit.training.Stage;
import io.smartedit.training.emoji.EmojiEdit.Split;
import io.smartedit.training.emoji.EmojiEdits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Images to latents and back, on random crops: absolute and squared error, and a little
 * Kullback-Leibler divergence that keeps the latents near unit variance.
 *
 * <p>Once the denoiser has learned what the latents mean they must stay: then the decoder learns on
 * alone, from whole images' latents, slightly off as a denoiser leaves them.
 */
final class AutoencoderStage implements Stage {

  private static final int CROP = 32;
  private static final int PROBES = 64;
  private static final double DIVERGENCE_WEIGHT = 1e-3;
  private static final double OFF = 0.05;

  private final Path root;
  private final boolean encoder;
  private final Precision precision;
  private final EmojiEdits edits = new EmojiEdits(11, Split.TRAIN);
  private final Setup setup;
  private final Autoencoder autoencoder;

  /**
   * @param encoder whether the encoder learns too
   * @param precision of the activations; trained weights stay single
   */
  AutoencoderStage(Path root, String name, Plan plan, boolean encoder, Precision precision) {
    this.root = root;
    this.encoder = encoder;
    setup =
        new Setup(
            name,
            plan,
            (file, tensor) ->
                encoder || tensor.startsWith("decoder.") || tensor.startsWith("post_quant"));
    this.precision = precision;
    autoencoder =
        new NetLoader(ModelFolder.open(root), setup.parameters())
            .autoencoder(setup.weights(), Precision.FP32);
  }

  @Override
  public Setup setup() {
    return setup;
  }

  @Override
  public NDArray loss(NDManager manager, long step, Losses parts) {
    SplittableRandom random = new SplittableRandom(step);
    List<Image> images = new ArrayList<>();
    for (int i = 0; i < plan().batch(); i++) {
      Image image = edits.get(step * plan().batch() + i).source().draw();
      images.add(encoder ? Images.crop(image, CROP, random) : image);
    }
    NDArray pixels = Images.forDiffusion(manager, images);
    NDArray sample = sample(manager, step, pixels, parts);
    NDArray latents = Ops.scale(sample, autoencoder.config().scale());
    NDArray decoded = Precision.FP32.of(autoencoder.decode(precision.of(latents)));
    NDArray difference = decoded.sub(pixels);
    NDArray squared = difference.square().mean();
    parts.add("absolute", 1, difference.abs().mean());
    parts.add("squared", 1, squared);
    parts.note("psnr", 10 * Math.log10(4 / squared.getFloat()));
    return parts.sum(manager);
  }

  /** Latents to decode, not scaled. */
  private NDArray sample(NDManager manager, long step, NDArray pixels, Losses parts) {
    NDArray moments = Precision.FP32.of(autoencoder.moments(precision.of(pixels)));
    int channels = autoencoder.config().latentChannels();
    NDArray mean = moments.get(":, :" + channels);
    NDArray noise = Noise.of(manager, step, mean.getShape());
    if (!encoder) {
      return mean.add(Ops.scale(noise, OFF / autoencoder.config().scale()));
    }
    NDArray logVariance = moments.get(":, " + channels + ":").clip(-30, 20);
    NDArray divergence =
        Ops.scale(mean.square().add(logVariance.exp()).sub(logVariance).sub(1).mean(), 0.5);
    parts.add("divergence", DIVERGENCE_WEIGHT, divergence);
    return mean.add(Ops.scale(logVariance, 0.5).exp().mul(noise));
  }

  @Override
  public void drawSamples(Path png) throws IOException {
    SampleSheet sheet = new SampleSheet();
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      for (int i = 0; i < 8; i++) {
        Image source = edits.get(-1 - i).source().draw();
        NDArray latents = autoencoder.encodeMean(PixelTransform.forDiffusion(manager, source));
        NDArray decoded = autoencoder.decode(latents.mul(autoencoder.config().scale()));
        sheet.add("picture, decoded", source, PixelTransform.fromDiffusion(decoded));
      }
    }
    sheet.write(png);
  }

  /** The latents' scale: one over their deviation, so that diffusion sees unit variance. */
  @Override
  public void finish() throws IOException {
    if (!encoder) {
      return;
    }
    double scale;
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      List<Image> images = new ArrayList<>();
      for (int i = 0; i < PROBES; i++) {
        images.add(edits.get(i).source().draw());
      }
      NDArray latents = autoencoder.encodeMean(Images.forDiffusion(manager, images));
      NDArray centred = latents.sub(latents.mean());
      scale = 1 / Math.sqrt(centred.square().mean().getFloat());
    }
    Path config = root.resolve("instruct-pix2pix/vae/config.json");
    ObjectMapper json = new ObjectMapper();
    ObjectNode node = (ObjectNode) json.readTree(config.toFile());
    json.writerWithDefaultPrettyPrinter()
        .writeValue(config.toFile(), node.put("scaling_factor", Math.round(scale * 1e4) / 1e4));
  }

  @Override
  public void close() {
    setup.close();
  }
}
