package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.PixelTransform;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.scheduler.Prediction;
import io.smartedit.editor.unet.UNet;
import io.smartedit.editor.vae.Autoencoder;
import java.util.List;

/**
 * The latent diffusion model: denoises a batch of independent edits and decodes them to images.
 *
 * <p>Every slot has its own image, condition, steps, guidance, noise and step index; its result
 * does not depend on its neighbours. Used from one thread.
 */
public final class Denoiser implements AutoCloseable {

  private final NDManager weights;
  private final UNet unet;
  private final Autoencoder autoencoder;
  private final NDArray nullText;
  private final Prediction prediction;
  private final Precision precision;

  /**
   * @param weights owns the nets' weights; closed with the denoiser
   * @param nullText states of the empty prompt, {@code [1, T, C]}
   */
  public Denoiser(
      NDManager weights,
      UNet unet,
      Autoencoder autoencoder,
      NDArray nullText,
      Prediction prediction,
      Precision precision) {
    this.weights = weights;
    this.unet = unet;
    this.autoencoder = autoencoder;
    this.nullText = nullText;
    this.prediction = prediction;
    this.precision = precision;
  }

  /** A manager on the denoiser's device for one edit; the slot closes it. */
  public NDManager newRequest() {
    return weights.newSubManager();
  }

  /**
   * Starts an edit.
   *
   * @param request from {@link #newRequest}; the slot owns it from here on
   * @param canvas the source at working size
   * @param condition on the denoiser's device
   */
  public Slot open(NDManager request, Image canvas, Condition condition, Slot.Plan plan, Tap tap) {
    NDArray pixels = PixelTransform.forDiffusion(request, canvas);
    tap.see("image.sd_pixels", pixels);
    tap.see("condition.null", nullText);
    NDArray imageLatents =
        Scope.around(
            () -> autoencoder.encodeMean(precision.of(pixels)).toType(DataType.FLOAT32, true));
    tap.see("vae.image_latents", imageLatents);
    NDArray start = noise(plan, 0, imageLatents);
    return new Slot(request, plan, imageLatents, condition, start, tap);
  }

  /**
   * One denoising step of every slot, in one UNet call.
   *
   * @param slots not done, all of one working size
   */
  public void step(List<Slot> slots) {
    try (NDManager batch = weights.newSubManager();
        NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray predictions = predict(batch, slots, true);
      int from = 0;
      for (Slot slot : slots) {
        NDArray own = predictions.get(from + ":" + (from + slot.plan.rows()));
        from += slot.plan.rows();
        slot.tap.see("unet.out", own);
        NDArray next = next(slot, own);
        NDScope.unregister(next);
        slot.advance(next);
      }
    }
  }

  /** The UNet's raw answer to one slot with the interaction's feature left out; for parity. */
  public NDArray predictWithoutFeature(Slot slot) {
    return predict(slot.manager, List.of(slot), false);
  }

  /**
   * The finished image at working size.
   *
   * @throws io.smartedit.editor.NotANumberException if latents or pixels are no numbers
   */
  public Image decode(Slot slot) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      PixelTransform.requireFinite("latents", slot.latents().toFloatArray());
      NDArray decoded =
          autoencoder.decode(precision.of(slot.latents())).toType(DataType.FLOAT32, false);
      slot.tap.see("vae.decoded", decoded);
      return PixelTransform.fromDiffusion(decoded);
    }
  }

  /**
   * The source at working size as the autoencoder gives it back: what an edit that changes nothing
   * would look like.
   */
  public Image roundTrip(Slot slot) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray latents = slot.imageLatents.mul(autoencoder.config().scale());
      return PixelTransform.fromDiffusion(
          autoencoder.decode(precision.of(latents)).toType(DataType.FLOAT32, false));
    }
  }

  /** Pixels a latent cell covers along a side. */
  public int factor() {
    return autoencoder.config().factor();
  }

  @Override
  public void close() {
    weights.close();
  }

  /** Rows of a slot: instruction and image; under guidance also image alone, and neither. */
  private NDArray predict(NDManager batch, List<Slot> slots, boolean withFeature) {
    NDList latents = new NDList();
    NDList texts = new NDList();
    NDList features = new NDList();
    double[] timesteps = new double[slots.stream().mapToInt(slot -> slot.plan.rows()).sum()];
    int at = 0;
    for (Slot slot : slots) {
      NDArray scaled = slot.plan.schedule().scaled(slot.latents(), slot.step());
      NDArray withImage = scaled.concat(slot.imageLatents, 1);
      NDArray without = scaled.concat(slot.imageLatents.mul(0), 1);
      NDArray rows =
          slot.plan.guidance().isPlain()
              ? withImage
              : withImage.concat(withImage, 0).concat(without, 0);
      slot.tap.see("unet.in", rows);
      latents.add(rows);
      NDArray none = slot.condition.text().mul(0).add(nullText);
      NDArray feature = slot.condition.feature();
      for (int row = 0; row < slot.plan.rows(); row++) {
        texts.add(row == 0 ? slot.condition.text() : none);
        if (withFeature && feature != null) {
          features.add(feature);
        }
        timesteps[at++] = slot.plan.schedule().timestep(slot.step());
      }
    }
    NDArray feature = features.isEmpty() ? null : owned(NDArrays.concat(features), batch);
    return unet.forward(
            owned(NDArrays.concat(latents), batch),
            timesteps,
            owned(NDArrays.concat(texts), batch),
            feature)
        .toType(DataType.FLOAT32, false);
  }

  private NDArray owned(NDArray array, NDManager batch) {
    NDArray typed = precision.of(array);
    typed.attach(batch);
    return typed;
  }

  private NDArray next(Slot slot, NDArray own) {
    int step = slot.step();
    Guidance guidance = slot.plan.guidance();
    NDArray denoised;
    if (prediction == Prediction.EPSILON) {
      NDArray guided =
          guidance.isPlain()
              ? own
              : guidance.combine(own.get("0:1"), own.get("1:2"), own.get("2:3"));
      denoised = slot.plan.schedule().denoised(slot.latents(), guided, step);
    } else {
      NDArray source = slot.imageLatents.mul(autoencoder.config().scale());
      // A branch that is shown no image offsets nothing.
      denoised =
          guidance.isPlain()
              ? own.add(source)
              : guidance.combine(
                  own.get("0:1").add(source), own.get("1:2").add(source), own.get("2:3"));
    }
    NDArray noise = noise(slot.plan, step + 1, slot.latents());
    return slot.plan.schedule().step(slot.latents(), denoised, step, noise);
  }

  private static NDArray noise(Slot.Plan plan, int index, NDArray like) {
    Shape shape = like.getShape();
    float[] values = plan.noise().gaussian(index, Math.toIntExact(shape.size()));
    return like.getManager().create(values, shape);
  }
}
