package io.smartedit.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.image.Picture;
import io.smartedit.image.PixelTransform;
import io.smartedit.nn.Precision;
import io.smartedit.nn.Scope;
import io.smartedit.nn.Tap;
import io.smartedit.unet.UNet;
import io.smartedit.vae.Autoencoder;
import java.util.List;

/**
 * The latent diffusion model: denoises a batch of independent edits and develops them to pictures.
 *
 * <p>Every slot has its own picture, condition, steps, guidance, noise and step index; its result
 * does not depend on its neighbours. Used from one thread.
 */
public final class Painter implements AutoCloseable {

  private final NDManager weights;
  private final UNet unet;
  private final Autoencoder autoencoder;
  private final NDArray nullText;
  private final Precision precision;

  Painter(
      NDManager weights,
      UNet unet,
      Autoencoder autoencoder,
      NDArray nullText,
      Precision precision) {
    this.weights = weights;
    this.unet = unet;
    this.autoencoder = autoencoder;
    this.nullText = nullText;
    this.precision = precision;
  }

  /** A manager on the painter's device for one edit; the slot closes it. */
  public NDManager newRequest() {
    return weights.newSubManager();
  }

  /**
   * Starts an edit.
   *
   * @param request from {@link #newRequest}; the slot owns it from here on
   * @param canvas the source at working size
   * @param condition on the painter's device
   */
  public Slot open(
      NDManager request, Picture canvas, Condition condition, Slot.Plan plan, Tap tap) {
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
      for (int i = 0; i < slots.size(); i++) {
        Slot slot = slots.get(i);
        NDArray own = predictions.get("" + 3 * i + ":" + (3 * i + 3));
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

  /** The finished picture at working size. */
  public Picture develop(Slot slot) {
    try (NDScope scope = new NDScope()) {
      scope.suppressNotUsedWarning();
      NDArray decoded =
          autoencoder.decode(precision.of(slot.latents())).toType(DataType.FLOAT32, false);
      slot.tap.see("vae.decoded", decoded);
      return PixelTransform.fromDiffusion(decoded);
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

  /** Three rows a slot: instruction and picture, picture alone, neither. */
  private NDArray predict(NDManager batch, List<Slot> slots, boolean withFeature) {
    NDList latents = new NDList();
    NDList texts = new NDList();
    NDList features = new NDList();
    double[] timesteps = new double[3 * slots.size()];
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      NDArray scaled = slot.plan.schedule().scaled(slot.latents(), slot.step());
      NDArray withPicture = scaled.concat(slot.imageLatents, 1);
      NDArray without = scaled.concat(slot.imageLatents.mul(0), 1);
      NDArray rows = withPicture.concat(withPicture, 0).concat(without, 0);
      slot.tap.see("unet.in", rows);
      latents.add(rows);
      texts.add(slot.condition.text());
      NDArray none = slot.condition.text().mul(0).add(nullText);
      texts.add(none);
      texts.add(none);
      NDArray feature = slot.condition.feature();
      if (withFeature && feature != null) {
        features.add(feature);
        features.add(feature);
        features.add(feature);
      }
      for (int row = 0; row < 3; row++) {
        timesteps[3 * i + row] = slot.plan.schedule().timestep(slot.step());
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

  private static NDArray next(Slot slot, NDArray own) {
    int step = slot.step();
    NDArray guided = slot.plan.guidance().combine(own.get("0:1"), own.get("1:2"), own.get("2:3"));
    NDArray denoised = slot.plan.schedule().denoised(slot.latents(), guided, step);
    NDArray noise = noise(slot.plan, step + 1, slot.latents());
    return slot.plan.schedule().step(slot.latents(), denoised, step, noise);
  }

  private static NDArray noise(Slot.Plan plan, int index, NDArray like) {
    Shape shape = like.getShape();
    float[] values = plan.noise().gaussian(index, Math.toIntExact(shape.size()));
    return like.getManager().create(values, shape);
  }
}
