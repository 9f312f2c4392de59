package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.nn.Compiler;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Program;
import io.smartedit.editor.unet.UNet;
import io.smartedit.editor.vae.Autoencoder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * UNet and autoencoder as programs. Whatever format they compute in, single precision goes in and
 * comes out, but for what the UNet reads of a text.
 */
public final class LatentDiffusion implements AutoCloseable {

  private final NDManager manager;
  private final UNet unet;
  private final Autoencoder autoencoder;
  private final Precision precision;
  private final Program encode;
  private final Program decode;
  private final Program read;
  private final Program predict;

  /**
   * Compiles the nets.
   *
   * @param manager on the device of the weights; closed with this
   * @param alone whether nobody else uses the nets: what the programs do not need of them is freed
   */
  public LatentDiffusion(
      NDManager manager, UNet unet, Autoencoder autoencoder, Precision precision, boolean alone) {
    this.manager = manager;
    this.unet = unet;
    this.autoencoder = autoencoder;
    this.precision = precision;
    List<Precision> one = List.of(Precision.FP32);
    List<Precision> inputs = new ArrayList<>(Collections.nCopies(3, Precision.FP32));
    inputs.addAll(Collections.nCopies(unet.readings(), precision));
    try (Compiler compiler = new Compiler(manager)) {
      encode = compiler.compile(one, in -> wide(autoencoder.encodeMean(own(in.get(0)))));
      decode = compiler.compile(one, in -> wide(autoencoder.decode(own(in.get(0)))));
      read = compiler.compile(one, in -> unet.read(own(in.get(0))));
      predict = compiler.compile(inputs, this::predict);
      if (alone) {
        compiler.release();
      }
    }
  }

  private NDList predict(NDList in) {
    NDArray x = own(in.get(0));
    return wide(unet.forward(x, own(in.get(1)), in.subNDList(3), own(in.get(2))));
  }

  private NDArray own(NDArray array) {
    return precision.of(array);
  }

  private static NDList wide(NDArray array) {
    return new NDList(Precision.FP32.of(array));
  }

  /** A manager on the nets' device. */
  NDManager newManager() {
    return manager.newSubManager();
  }

  /** Mean of an image's latents, not scaled; it belongs to the pixels' manager. */
  NDArray encode(NDArray pixels) {
    return encode.run(pixels.getManager(), pixels).head();
  }

  /** Pixels of scaled latents; they belong to the manager. */
  NDArray decode(NDManager manager, NDArray latents) {
    return decode.run(manager, latents).head();
  }

  /** What the UNet's transformers read of a text condition; it belongs to the manager. */
  NDList read(NDManager manager, NDArray text) {
    return read.run(manager, text);
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
    NDManager manager = x.getManager();
    NDArray[] inputs = new NDArray[3 + readings.size()];
    inputs[0] = x;
    inputs[1] = unet.code(manager, timesteps);
    inputs[2] = feature;
    for (int i = 0; i < readings.size(); i++) {
      inputs[3 + i] = readings.get(i);
    }
    return predict.run(manager, inputs).head();
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
    encode.close();
    decode.close();
    read.close();
    predict.close();
    manager.close();
  }
}
