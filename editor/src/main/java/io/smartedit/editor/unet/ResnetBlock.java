package io.smartedit.editor.unet;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Conv2d;
import io.smartedit.editor.nn.GroupNorm;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Weights;
import org.jspecify.annotations.Nullable;

/** Two normed convolutions with the time code between them and a residual around them. */
record ResnetBlock(
    GroupNorm norm1,
    Conv2d conv1,
    Linear time,
    GroupNorm norm2,
    Conv2d conv2,
    @Nullable Conv2d shortcut) {

  static ResnetBlock load(Weights weights, UNetConfig config, int in, int out) {
    double epsilon = UNetConfig.NORM_EPSILON;
    return new ResnetBlock(
        GroupNorm.load(weights.at("norm1"), in, config.groups(), epsilon),
        Conv2d.load3x3(weights.at("conv1"), in, out),
        Linear.load(weights.at("time_emb_proj"), config.timeWidth(), out),
        GroupNorm.load(weights.at("norm2"), out, config.groups(), epsilon),
        Conv2d.load3x3(weights.at("conv2"), out, out),
        in == out ? null : Conv2d.load1x1(weights.at("conv_shortcut"), in, out));
  }

  /**
   * @param x {@code [B, in, H, W]}
   * @param silentTime {@code silu} of the time embedding, {@code [B, timeWidth]}
   * @return {@code [B, out, H, W]}
   */
  NDArray forward(NDArray x, NDArray silentTime) {
    return Scope.around(
        () -> {
          NDArray hidden = conv1.forward(norm1.forwardSilu(x));
          hidden = hidden.add(time.forward(silentTime).expandDims(-1).expandDims(-1));
          hidden = conv2.forward(norm2.forwardSilu(hidden));
          return hidden.add(shortcut == null ? x : shortcut.forward(x));
        });
  }

  /** SiLU, once for all blocks. */
  static NDArray silent(NDArray time) {
    return Ops.silu(time);
  }
}
