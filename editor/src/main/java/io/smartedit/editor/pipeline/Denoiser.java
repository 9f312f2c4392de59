package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.PixelTransform;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.options.Adapters;
import io.smartedit.editor.options.Guidance;
import io.smartedit.editor.scheduler.NoiseSource;
import io.smartedit.editor.scheduler.Prediction;
import io.smartedit.editor.scheduler.Schedule;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The latent diffusion model: denoises a batch of independent edits and decodes them to images.
 *
 * <p>Every slot has its own image, condition, steps, guidance, noise and step index; its result
 * does not depend on its neighbours. Used from one thread.
 */
public final class Denoiser implements AutoCloseable {

  private final LatentDiffusion nets;
  private final NDManager constants;
  private final NDArray nullText;
  private final AdaptedUNets unets;
  private final NDArray noFeature;
  private final Prediction prediction;
  private @Nullable Batch batch;

  /**
   * @param nets closed with the denoiser
   * @param nullText states of the empty prompt, {@code [1, T, C]}
   */
  public Denoiser(LatentDiffusion nets, NDArray nullText, Prediction prediction) {
    this.nets = nets;
    this.constants = nets.newManager();
    this.nullText = nullText;
    this.unets = new AdaptedUNets(nets, nullText);
    this.noFeature = constants.zeros(new Shape(1, 1, 1, 1));
    this.prediction = prediction;
  }

  /** A manager on the denoiser's device for one edit; the slot closes it. */
  public NDManager newRequest() {
    return nets.newManager();
  }

  /**
   * Starts an edit.
   *
   * @param request from {@link #newRequest}; the slot owns it from here on
   * @param working the source at working size
   * @param condition on the denoiser's device
   */
  public Slot open(NDManager request, Image working, Condition condition, Slot.Plan plan, Tap tap) {
    return open(request, working, condition, plan, Reuse.none(), tap);
  }

  /** The same, where the image's latents may lie in a cache. */
  public Slot open(
      NDManager request, Image working, Condition condition, Slot.Plan plan, Reuse reuse, Tap tap) {
    tap.see("condition.null", nullText);
    NDArray imageLatents =
        reuse
            .arrays(
                ContentCache.Part.LATENTS,
                working,
                "",
                request,
                () -> {
                  NDArray pixels = PixelTransform.forDiffusion(request, working);
                  tap.see("image.sd_pixels", pixels);
                  return new NDList(nets.encode(pixels));
                })
            .head();
    tap.see("vae.image_latents", imageLatents);
    NDArray feature = condition.feature() == null ? noFeature : condition.feature();
    NDArray start = noise(plan, 0, imageLatents);
    return with(
        plan.adapters(),
        use -> {
          NDList readings = use.unet().programs().read().run(request, condition.text());
          return new Slot(request, plan, use, imageLatents, readings, feature, start, tap);
        });
  }

  /** A slot with these adapters; where there will be none, nobody uses them. */
  private Slot with(Adapters adapters, Function<Slot.Use, Slot> opening) {
    AdaptedUNet unet = unets.take(adapters);
    try {
      return opening.apply(new Slot.Use(unet, () -> unets.giveBack(unet)));
    } catch (RuntimeException e) {
      unets.giveBack(unet);
      throw e;
    }
  }

  /** Starts an edit of the same image by the same condition as another, with other noise. */
  public Slot openBeside(Slot other, NoiseSource noise) {
    NDManager request = nets.newManager();
    try {
      NDArray imageLatents = copy(other.imageLatents, request);
      NDList readings = new NDList();
      other.readings.forEach(reading -> readings.add(copy(reading, request)));
      NDArray feature = copy(other.feature, request);
      Slot.Plan plan = other.plan.with(noise);
      NDArray start = noise(plan, 0, imageLatents);
      return with(
          plan.adapters(),
          use -> new Slot(request, plan, use, imageLatents, readings, feature, start, other.tap));
    } catch (RuntimeException e) {
      request.close();
      throw e;
    }
  }

  /**
   * One denoising step of every slot, in one UNet call.
   *
   * @param slots not done, all of one working size and with the same adapters
   */
  public void step(List<Slot> slots) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      Batch rows = batch(slots);
      NDArray predictions = predict(rows);
      see(rows, "unet.out", predictions);
      int from = 0;
      for (Batch.Share share : rows.shares()) {
        Slot slot = share.slot();
        NDArray own = predictions.get(from + ":" + (from + share.rows().size()));
        from += share.rows().size();
        slot.advance(clean(slot, share.rows(), own));
      }
    }
  }

  /**
   * The finished image at working size.
   *
   * @throws io.smartedit.editor.image.NotANumberException if latents or pixels are no numbers
   */
  public Image decode(Slot slot) {
    try (NDManager manager = nets.newManager()) {
      PixelTransform.requireFinite("latents", slot.latents().toFloatArray());
      NDArray decoded = nets.decode(manager, slot.latents());
      slot.tap.see("vae.decoded", decoded);
      return PixelTransform.fromDiffusion(decoded);
    }
  }

  /**
   * The source at working size as the autoencoder gives it back: what an edit that changes nothing
   * would look like.
   */
  public Image roundTrip(Slot slot, Image working, Reuse reuse) {
    try (NDManager manager = nets.newManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDList decoded =
          reuse.arrays(
              ContentCache.Part.ROUND_TRIP,
              working,
              "",
              manager,
              () -> new NDList(nets.decode(manager, slot.imageLatents.mul(nets.scale()))));
      return PixelTransform.fromDiffusion(decoded.head());
    }
  }

  /** Pixels a latent cell covers along a side. */
  public int factor() {
    return nets.factor();
  }

  @Override
  public void close() {
    forget();
    unets.close();
    nets.close();
  }

  /** The last step's batch where the same slots go on. */
  private Batch batch(List<Slot> slots) {
    List<Batch.Share> shares = Batch.Share.of(slots);
    if (batch == null || !batch.shares().equals(shares)) {
      forget();
      batch = Batch.of(nets.newManager(), shares);
    }
    return batch;
  }

  private void forget() {
    if (batch != null) {
      batch.close();
      batch = null;
    }
  }

  private NDArray predict(Batch rows) {
    NDList latents = new NDList();
    double[] timesteps = new double[rows.rows()];
    for (Batch.Share share : rows.shares()) {
      Slot slot = share.slot();
      Schedule schedule = slot.plan.schedule();
      NDArray scaled = new Blend().add(schedule.inputScale(slot.step()), slot.latents()).sum();
      for (int row = 0; row < share.rows().size(); row++) {
        timesteps[latents.size()] = schedule.timestep(slot.step());
        latents.add(scaled);
      }
    }
    NDArray x = NDArrays.concat(latents).concat(rows.images(), 1);
    see(rows, "unet.in", x);
    return nets.predict(rows.programs(), x, timesteps, rows.feature(), rows.readings());
  }

  /** Shows every slot its own rows. */
  private static void see(Batch batch, String name, NDArray all) {
    int from = 0;
    for (Batch.Share share : batch.shares()) {
      if (share.slot().tap != Tap.NONE) {
        share.slot().tap.see(name, all.get(from + ":" + (from + share.rows().size())));
      }
      from += share.rows().size();
    }
  }

  /** The clean latents that a slot's rows predict under guidance. */
  private NDArray clean(Slot slot, List<Guidance.Row> rows, NDArray predictions) {
    Blend blend = new Blend();
    double[] implied = slot.plan.schedule().clean(slot.step());
    double ofNoise = prediction == Prediction.EPSILON ? implied[1] : 1;
    double shown = 0;
    for (int i = 0; i < rows.size(); i++) {
      Guidance.Row row = rows.get(i);
      blend.add(ofNoise * row.weight(), predictions.get(i + ":" + (i + 1)));
      shown += row.shown() == Guidance.Shown.NOTHING ? 0 : row.weight();
    }
    // What is shown no image offsets nothing.
    return prediction == Prediction.EPSILON
        ? blend.add(implied[0], slot.latents()).sum()
        : blend.add(shown * nets.scale(), slot.imageLatents).sum();
  }

  private static NDArray copy(NDArray array, NDManager manager) {
    NDArray copy = array.duplicate();
    copy.attach(manager);
    return copy;
  }

  private static NDArray noise(Slot.Plan plan, int index, NDArray like) {
    Shape shape = like.getShape();
    float[] values = plan.noise().gaussian(index, Math.toIntExact(shape.size()));
    return like.getManager().create(values, shape);
  }
}
