package io.smartedit.editor.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.nn.Conv2d;
import io.smartedit.editor.nn.GroupNorm;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Weights;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The denoising UNet: noisy latents beside the image's latents in, predicted noise out. */
public record UNet(
    Conv2d in,
    TimestepEmbedding time,
    List<DownStage> downs,
    ResnetBlock mid1,
    SpatialTransformer midTransformer,
    ResnetBlock mid2,
    List<UpStage> ups,
    GroupNorm norm,
    Conv2d out) {

  public static UNet load(Weights weights, UNetConfig config) {
    int stages = config.channels().size();
    int first = config.channels().get(0);
    int deepest = config.channels().get(stages - 1);
    List<DownStage> downs = new ArrayList<>();
    List<UpStage> ups = new ArrayList<>();
    for (int i = 0; i < stages; i++) {
      downs.add(DownStage.load(weights.at("down_blocks").at(i), config, i));
      ups.add(UpStage.load(weights.at("up_blocks").at(i), config, i));
    }
    Weights mid = weights.at("mid_block");
    return new UNet(
        Conv2d.load3x3(weights.at("conv_in"), config.inChannels(), first),
        TimestepEmbedding.load(weights.at("time_embedding"), config),
        downs,
        ResnetBlock.load(mid.at("resnets").at(0), config, deepest, deepest),
        SpatialTransformer.load(mid.at("attentions").at(0), config, deepest),
        ResnetBlock.load(mid.at("resnets").at(1), config, deepest, deepest),
        ups,
        GroupNorm.load(
            weights.at("conv_norm_out"), first, config.groups(), UNetConfig.NORM_EPSILON),
        Conv2d.load3x3(weights.at("conv_out"), first, config.outChannels()));
  }

  /**
   * The code of one, possibly fractional, timestep a sample: {@code [B, C]} in single precision.
   */
  public NDArray code(NDManager manager, double[] timesteps) {
    return time.code(manager, timesteps);
  }

  /** Arrays that {@link #read} gives. */
  public int readings() {
    int stages = downs.stream().mapToInt(stage -> stage.transformers().size()).sum();
    return 2 * (stages + 1 + ups.stream().mapToInt(stage -> stage.transformers().size()).sum());
  }

  /**
   * What the transformers read of a text condition; the same at every timestep.
   *
   * @param text {@code [B, T, contextWidth]}
   * @return key and value of every transformer, {@code [B, T, ..]} each
   */
  public NDList read(NDArray text) {
    NDList readings = new NDList();
    downs.forEach(stage -> stage.transformers().forEach(each -> readings.addAll(each.read(text))));
    readings.addAll(midTransformer.read(text));
    ups.forEach(stage -> stage.transformers().forEach(each -> readings.addAll(each.read(text))));
    return readings;
  }

  /**
   * @param x latents beside the image condition, {@code [B, inChannels, H, W]}
   * @param timesteps one a sample, in [0, 999], may be fractional
   * @param text {@code [B, T, contextWidth]}
   * @param feature added after the first convolution, {@code [B, channels(0), H, W]}, or none
   * @return {@code [B, outChannels, H, W]}
   */
  public NDArray forward(NDArray x, double[] timesteps, NDArray text, @Nullable NDArray feature) {
    return Scope.around(
        () -> {
          NDArray code = Precision.in(x).of(code(x.getManager(), timesteps));
          return forward(x, code, read(text), feature);
        });
  }

  /**
   * As the other, with what can be known before.
   *
   * @param timesteps from {@link #code}, in the format of {@code x}
   * @param readings from {@link #read}
   */
  public NDArray forward(NDArray x, NDArray timesteps, NDList readings, @Nullable NDArray feature) {
    return Scope.around(
        () -> {
          NDArray code = Scope.around(() -> ResnetBlock.silent(time.forward(timesteps)));
          Iterator<NDArray> text = readings.iterator();
          NDArray first = in.forward(x);
          NDArray hidden = feature == null ? first : first.add(feature);
          Deque<NDArray> skips = new ArrayDeque<>();
          skips.push(hidden);
          for (DownStage stage : downs) {
            hidden = stage.forward(hidden, code, text, skips);
          }
          hidden = mid1.forward(hidden, code);
          hidden = midTransformer.forward(hidden, text.next(), text.next());
          hidden = mid2.forward(hidden, code);
          for (UpStage stage : ups) {
            hidden = stage.forward(hidden, code, text, skips);
          }
          return out.forward(norm.forwardSilu(hidden));
        });
  }
}
