package io.smartedit.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.bim.Interaction;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.pipeline.Condition;
import io.smartedit.editor.pipeline.Denoiser;
import io.smartedit.editor.pipeline.LatentDiffusion;
import io.smartedit.editor.pipeline.Slot;
import io.smartedit.editor.scheduler.NoiseSchedule;
import io.smartedit.editor.scheduler.Prediction;
import io.smartedit.editor.unet.UNet;
import io.smartedit.editor.vae.Autoencoder;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the UNet is asked in training: given a noisy target, the source and a condition, to say what
 * its {@link Prediction} stands for.
 *
 * <p>As in InstructPix2Pix, the text is dropped in 5 % of the samples, the image in 5 %, both in 5
 * %.
 *
 * @param nullText stands in for a dropped text, {@code [1, T, C]}
 * @param precision of the activations; trained weights stay single
 */
public record DiffusionTask(
    UNet unet,
    Autoencoder autoencoder,
    NDArray nullText,
    NoiseSchedule schedule,
    Prediction prediction,
    Precision precision) {

  private static final double DROPPED = 0.05;

  /**
   * What chance decides for a batch: a timestep a sample, the weights of the clean latents and of
   * the noise at it, and what is kept.
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Draw(
      double[] timesteps, float[] signal, float[] noise, float[] keepText, float[] keepImage) {

    /** Uniform over timesteps. */
    public static Draw uniform(int count, double[] alphaBars, SplittableRandom random) {
      return of(count, alphaBars, random, () -> random.nextInt(alphaBars.length));
    }

    /** The noisier of two uniform timesteps: the first steps of an edit decide what it becomes. */
    public static Draw noisier(int count, double[] alphaBars, SplittableRandom random) {
      int steps = alphaBars.length;
      return of(
          count, alphaBars, random, () -> Math.max(random.nextInt(steps), random.nextInt(steps)));
    }

    private static Draw of(
        int count, double[] alphaBars, SplittableRandom random, IntSupplier timestep) {
      Draw draw =
          new Draw(
              new double[count],
              new float[count],
              new float[count],
              new float[count],
              new float[count]);
      for (int i = 0; i < count; i++) {
        int t = timestep.getAsInt();
        double u = random.nextDouble();
        draw.timesteps[i] = t;
        draw.signal[i] = (float) Math.sqrt(alphaBars[t]);
        draw.noise[i] = (float) Math.sqrt(1 - alphaBars[t]);
        draw.keepText[i] = u < 2 * DROPPED ? 0 : 1;
        draw.keepImage[i] = u >= DROPPED && u < 3 * DROPPED ? 0 : 1;
      }
      return draw;
    }
  }

  /** Both {@code [B, C, h, w]}. */
  public record Answer(NDArray predicted, NDArray wanted) {}

  /**
   * Asks.
   *
   * @param source and {@code target} latents, not scaled, {@code [B, C, h, w]}
   * @param noise standard normal, of their shape
   */
  public Answer ask(
      NDArray source, NDArray target, Interaction.Modulation modulation, Draw draw, NDArray noise) {
    NDManager manager = source.getManager();
    double scale = autoencoder.config().scale();
    NDArray clean = target.mul(scale);
    NDArray noisy =
        clean.mul(column(manager, draw.signal)).add(noise.mul(column(manager, draw.noise)));
    NDArray keepText = manager.create(draw.keepText, new Shape(draw.keepText.length, 1, 1));
    NDArray text = modulation.text().mul(keepText).add(keepText.mul(-1).add(1).mul(nullText));
    NDArray shown = source.mul(column(manager, draw.keepImage));
    NDArray predicted = predict(noisy, shown, draw.timesteps, text, modulation.feature());
    NDArray wanted = prediction == Prediction.EPSILON ? noise : clean.sub(shown.mul(scale));
    return new Answer(predicted, wanted);
  }

  /** The UNet's answer in single precision. */
  NDArray predict(
      NDArray noisy, NDArray shown, double[] timesteps, NDArray text, @Nullable NDArray feature) {
    return Precision.FP32.of(
        unet.forward(
            precision.of(noisy.concat(shown, 1)),
            timesteps,
            precision.of(text),
            feature == null ? null : precision.of(feature)));
  }

  /** The same with another text for a dropped one, as where the text encoder learns too. */
  public DiffusionTask withNullText(NDArray other) {
    return new DiffusionTask(unet, autoencoder, other, schedule, prediction, precision);
  }

  /** Means of the images' latents, not scaled. */
  public NDArray encode(NDManager manager, List<Image> images) {
    return Precision.FP32.of(
        autoencoder.encodeMean(precision.of(Images.forDiffusion(manager, images))));
  }

  /** Samples of the images' latents, not scaled. */
  public NDArray sample(NDManager manager, List<Image> images, long step) {
    NDArray moments =
        Precision.FP32.of(autoencoder.moments(precision.of(Images.forDiffusion(manager, images))));
    int channels = autoencoder.config().latentChannels();
    NDArray mean = moments.get(":, :" + channels);
    NDArray deviation = moments.get(":, " + channels + ":").clip(-30, 20).mul(0.5).exp();
    return mean.add(deviation.mul(Noise.of(manager, -1 - step, mean.getShape())));
  }

  /**
   * An edit as it would be made now.
   *
   * @param source at working size
   * @param row of the batch whose condition it is
   */
  public Image edit(
      NDManager weights, Image source, Interaction.Modulation batch, int row, Slot.Plan plan) {
    LatentDiffusion nets =
        new LatentDiffusion(weights.newSubManager(), unet, autoencoder, precision, false);
    String rows = row + ":" + (row + 1);
    NDArray feature = batch.feature() == null ? null : batch.feature().get(rows);
    Condition condition = new Condition(batch.text().get(rows), feature);
    try (Denoiser denoiser = new Denoiser(nets, nullText, prediction);
        Slot slot = denoiser.open(denoiser.newRequest(), source, condition, plan, Tap.NONE)) {
      while (!slot.isDone()) {
        denoiser.step(List.of(slot));
      }
      return denoiser.decode(slot);
    }
  }

  /** A number a sample, ready to be multiplied with latents. */
  public static NDArray column(NDManager manager, float[] values) {
    return manager.create(values, new Shape(values.length, 1, 1, 1));
  }
}
