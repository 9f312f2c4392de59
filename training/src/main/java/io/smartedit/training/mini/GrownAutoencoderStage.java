package io.smartedit.training.mini;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.checkpoint.ModelFolder;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.PixelTransform;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.pipeline.NetLoader;
import io.smartedit.editor.vae.Autoencoder;
import io.smartedit.training.Criteria;
import io.smartedit.training.Images;
import io.smartedit.training.Losses;
import io.smartedit.training.Noise;
import io.smartedit.training.SampleSheet;
import io.smartedit.training.Stage;
import io.smartedit.training.emoji.EmojiEdits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The autoencoder of a {@link GrownModel}: its encoder goes on saying what the smaller one says of
 * the halved image, its decoder learns the detail, on random crops; or the decoder alone learns, on
 * whole images. Absolute and squared error, and the error of edges; latents are slightly off, as a
 * denoiser leaves them.
 */
final class GrownAutoencoderStage implements Stage {

  private static final int CROP = 64;
  private static final double OFF = 0.05;
  private static final double EDGES_WEIGHT = 0.5;
  private static final double LATENTS_WEIGHT = 0.05;

  private final EmojiEdits edits;
  private final Precision precision;
  private final Setup setup;
  private final Autoencoder autoencoder;
  private final @Nullable Autoencoder teacher;
  private final int side;

  /**
   * @param from the smaller model, whose latents the encoder learns; null where the decoder learns
   *     alone
   * @param precision of the activations; trained weights stay single
   */
  GrownAutoencoderStage(
      Path root,
      @Nullable Path from,
      String name,
      EmojiEdits edits,
      Plan plan,
      Precision precision) {
    this.edits = edits;
    this.precision = precision;
    setup =
        new Setup(
            name,
            plan,
            (file, tensor) ->
                from != null || tensor.startsWith("decoder.") || tensor.startsWith("post_quant"));
    NetLoader nets = new NetLoader(ModelFolder.open(root), setup.parameters());
    autoencoder = nets.autoencoder(setup.weights(), Precision.FP32);
    side = nets.options().size();
    teacher =
        from == null
            ? null
            : new NetLoader(ModelFolder.open(from), NetLoader.View.STORED)
                .autoencoder(setup.weights(), precision);
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
      Image image = edits.get(step * plan().batch() + i).source().drawn(side);
      images.add(teacher == null ? image : Images.crop(image, CROP, random));
    }
    NDArray pixels = Images.forDiffusion(manager, images);
    NDArray mean = mean(pixels, parts);
    NDArray noise = Noise.of(manager, step, mean.getShape());
    double scale = autoencoder.config().scale();
    NDArray latents = Ops.scale(mean, scale).add(noise.mul(OFF));
    NDArray decoded = Precision.FP32.of(autoencoder.decode(precision.of(latents)));
    NDArray difference = decoded.sub(pixels);
    NDArray squared = difference.square().mean();
    parts.add("absolute", 1, difference.abs().mean());
    parts.add("squared", 1, squared);
    NDArray across = difference.get(":, :, :, 1:").sub(difference.get(":, :, :, :-1"));
    NDArray down = difference.get(":, :, 1:").sub(difference.get(":, :, :-1"));
    parts.add("across", EDGES_WEIGHT, across.abs().mean());
    parts.add("down", EDGES_WEIGHT, down.abs().mean());
    parts.note("psnr", 10 * Math.log10(4 / squared.getFloat()));
    return parts.sum(manager);
  }

  /** Of the latents, not scaled. */
  private NDArray mean(NDArray pixels, Losses parts) {
    NDArray moments = Precision.FP32.of(autoencoder.moments(precision.of(pixels)));
    if (teacher != null) {
      NDArray taught = Precision.FP32.of(teacher.moments(precision.of(halved(pixels))));
      parts.add("latents", LATENTS_WEIGHT, Criteria.squared(moments, taught));
    }
    return moments.get(":, :" + autoencoder.config().latentChannels());
  }

  /** Each pixel the mean of 2 x 2. */
  static NDArray halved(NDArray pixels) {
    long rows = pixels.getShape().get(2) / 2;
    long columns = pixels.getShape().get(3) / 2;
    return pixels.reshape(-1, 3, rows, 2, columns, 2).mean(new int[] {5}).mean(new int[] {3});
  }

  @Override
  public void drawSamples(Path png) throws IOException {
    SampleSheet sheet = new SampleSheet();
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      for (int i = 0; i < 8; i++) {
        Image source = edits.get(-1 - i).source().drawn(side);
        NDArray latents = autoencoder.encodeMean(PixelTransform.forDiffusion(manager, source));
        NDArray decoded = autoencoder.decode(latents.mul(autoencoder.config().scale()));
        sheet.add("picture, decoded", source, PixelTransform.fromDiffusion(decoded));
      }
    }
    sheet.write(png);
  }

  @Override
  public void close() {
    setup.close();
  }
}
