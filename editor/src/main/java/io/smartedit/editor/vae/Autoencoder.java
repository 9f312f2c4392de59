package io.smartedit.editor.vae;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Conv2d;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Weights;

/** Images to latents and back; the only place that knows the latents' scale. */
public record Autoencoder(
    Encoder encoder, Conv2d quantise, Conv2d unquantise, Decoder decoder, VaeConfig config) {

  public static Autoencoder load(Weights weights, VaeConfig config) {
    long latent = config.latentChannels();
    return new Autoencoder(
        Encoder.load(weights.at("encoder"), config),
        Conv2d.load1x1(weights.at("quant_conv"), 2 * latent, 2 * latent),
        Conv2d.load1x1(weights.at("post_quant_conv"), latent, latent),
        Decoder.load(weights.at("decoder"), config),
        config);
  }

  /**
   * Mean of the latents, not scaled: the form in which an image conditions an edit.
   *
   * @param pixels in [-1, 1], {@code [B, 3, H, W]}, H and W multiples of the factor
   * @return {@code [B, latentChannels, H / factor, W / factor]}
   */
  public NDArray encodeMean(NDArray pixels) {
    return Scope.around(() -> Ops.channels(moments(pixels), 0, config.latentChannels()));
  }

  /**
   * A sample of the latents, scaled: the form that diffusion learns to make.
   *
   * @param noise standard normal, of the result's shape
   */
  public NDArray encodeSample(NDArray pixels, NDArray noise) {
    return Scope.around(
        () -> {
          NDArray moments = moments(pixels);
          int channels = config.latentChannels();
          NDArray mean = Ops.channels(moments, 0, channels);
          NDArray logVariance = Ops.channels(moments, channels, channels).clip(-30, 20);
          return Ops.scale(mean.add(Ops.scale(logVariance, 0.5).exp().mul(noise)), config.scale());
        });
  }

  /**
   * Mean and logarithm of the variance of the latents, not scaled, one behind the other.
   *
   * @return {@code [B, 2 * latentChannels, H / factor, W / factor]}
   */
  public NDArray moments(NDArray pixels) {
    return Scope.around(() -> quantise.forward(encoder.forward(pixels)));
  }

  /**
   * @param latents scaled, {@code [B, latentChannels, H, W]}
   * @return pixels around [-1, 1], {@code [B, 3, H * factor, W * factor]}
   */
  public NDArray decode(NDArray latents) {
    return Scope.around(
        () -> decoder.forward(unquantise.forward(Ops.scale(latents, 1 / config.scale()))));
  }
}
