package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.unet.UNet;
import io.smartedit.editor.vae.Autoencoder;

/**
 * UNet and autoencoder. Whatever format they compute in, single precision goes in and comes out,
 * but for what the UNet reads of a text.
 */
public final class LatentDiffusion implements AutoCloseable {

  private final NDManager manager;
  private final UNet unet;
  private final Autoencoder autoencoder;
  private final Precision precision;

  /**
   * @param manager on the device of the weights; closed with this
   */
  public LatentDiffusion(
      NDManager manager, UNet unet, Autoencoder autoencoder, Precision precision) {
    this.manager = manager;
    this.unet = unet;
    this.autoencoder = autoencoder;
    this.precision = precision;
  }

  /** A manager on the nets' device. */
  NDManager newManager() {
    return manager.newSubManager();
  }

  /** Mean of an image's latents, not scaled; it belongs to the pixels' manager. */
  NDArray encode(NDArray pixels) {
    return Scope.around(() -> Precision.FP32.of(autoencoder.encodeMean(precision.of(pixels))));
  }

  /** Pixels of scaled latents; they belong to the manager. */
  NDArray decode(NDManager manager, NDArray latents) {
    NDArray pixels =
        Scope.around(() -> Precision.FP32.of(autoencoder.decode(precision.of(latents))));
    pixels.attach(manager);
    return pixels;
  }

  /** What the UNet's transformers read of a text condition; it belongs to the manager. */
  NDList read(NDManager manager, NDArray text) {
    NDList readings = Scope.aroundAll(() -> unet.read(precision.of(text)));
    readings.attach(manager);
    return readings;
  }

  /**
   * The UNet's answer; it belongs to the manager of {@code x}.
   *
   * @param x latents beside the image condition, {@code [B, 2 C, H, W]}
   * @param timesteps one a row
   * @param feature added to the first activations, or a zero that is added to all
   * @param readings from {@link #read}, {@code B} rows each
   */
  NDArray predict(NDArray x, double[] timesteps, NDArray feature, NDList readings) {
    return Scope.around(
        () -> {
          NDArray code = precision.of(unet.code(x.getManager(), timesteps));
          NDArray noise = unet.forward(precision.of(x), code, readings, precision.of(feature));
          return Precision.FP32.of(noise);
        });
  }

  /** Pixels a latent cell covers along a side. */
  int factor() {
    return autoencoder.config().factor();
  }

  /** Latents are multiplied by this before diffusion. */
  double scale() {
    return autoencoder.config().scale();
  }

  @Override
  public void close() {
    manager.close();
  }
}
