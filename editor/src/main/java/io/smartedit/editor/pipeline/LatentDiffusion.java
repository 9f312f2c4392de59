package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.nn.Compiler;
import io.smartedit.editor.nn.LowRank;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Program;
import io.smartedit.editor.options.Adapters;
import io.smartedit.editor.unet.UNet;
import io.smartedit.editor.vae.Autoencoder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
  private final Compiler compiler;
  private final UNetPrograms plain;
  private final AdapterBank bank;
  private final @Nullable UNetPrograms adaptable;

  /** Compiles the nets; there are no adapters. */
  public LatentDiffusion(
      NDManager manager, UNet unet, Autoencoder autoencoder, Precision precision, boolean alone) {
    this(manager, unet, autoencoder, precision, alone, AdapterBank.EMPTY);
  }

  /**
   * Compiles the nets.
   *
   * @param manager on the device of the weights; closed with this
   * @param alone whether nobody else uses the nets: what the programs do not need of them is freed
   * @param bank the adapters of this UNet
   */
  LatentDiffusion(
      NDManager manager,
      UNet unet,
      Autoencoder autoencoder,
      Precision precision,
      boolean alone,
      AdapterBank bank) {
    this.manager = manager;
    this.unet = unet;
    this.autoencoder = autoencoder;
    this.precision = precision;
    this.bank = bank;
    this.compiler = new Compiler(manager);
    List<Precision> one = List.of(Precision.FP32);
    encode = compiler.compile(one, in -> wide(autoencoder.encodeMean(own(in.get(0)))));
    decode = compiler.compile(one, in -> wide(autoencoder.decode(own(in.get(0)))));
    plain = compiled(new IdentityHashMap<>());
    adaptable = bank.isEmpty() ? null : compiled(bank.places());
    if (alone) {
      compiler.release();
    }
  }

  private UNetPrograms compiled(IdentityHashMap<NDArray, LowRank> terms) {
    List<Precision> inputs = new ArrayList<>(Collections.nCopies(3, Precision.FP32));
    inputs.addAll(Collections.nCopies(unet.readings(), precision));
    return new UNetPrograms(
        compiler.compile(List.of(Precision.FP32), in -> unet.read(own(in.get(0))), terms),
        compiler.compile(inputs, this::predict, terms));
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

  /**
   * The UNet with adapters, of which there must be some; to be closed.
   *
   * @param manager owns what the adapters need; closed behind the programs
   */
  UNetPrograms adapted(NDManager manager, Adapters adapters) {
    if (adaptable == null) {
      throw new IllegalStateException("there are no adapters");
    }
    return adaptable.with(bank.chosen(manager, adapters));
  }

  /** The UNet as it is; not to be closed. */
  UNetPrograms plain() {
    return plain;
  }

  /**
   * The UNet's answer; it belongs to the manager of {@code x}.
   *
   * @param x latents beside the image condition, {@code [B, 2 C, H, W]}
   * @param timesteps one a row
   * @param feature added to the first activations, or a zero that is added to all
   * @param readings from the same programs' {@code read}, {@code B} rows each
   */
  NDArray predict(
      UNetPrograms programs, NDArray x, double[] timesteps, NDArray feature, NDList readings) {
    NDManager manager = x.getManager();
    NDArray[] inputs = new NDArray[3 + readings.size()];
    inputs[0] = x;
    inputs[1] = unet.code(manager, timesteps);
    inputs[2] = feature;
    for (int i = 0; i < readings.size(); i++) {
      inputs[3 + i] = readings.get(i);
    }
    return programs.predict().run(manager, inputs).head();
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
    plain.close();
    if (adaptable != null) {
      adaptable.close();
    }
    compiler.close();
    manager.close();
  }
}
