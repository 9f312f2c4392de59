package io.smartedit.editor.vae;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Conv2d;
import io.smartedit.editor.nn.GroupNorm;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Weights;
import org.jspecify.annotations.Nullable;

/** Two normed convolutions with a residual around them. */
record VaeResnet(
    GroupNorm norm1, Conv2d conv1, GroupNorm norm2, Conv2d conv2, @Nullable Conv2d shortcut) {

  static VaeResnet load(Weights weights, VaeConfig config, int in, int out) {
    return new VaeResnet(
        GroupNorm.load(weights.at("norm1"), in, config.groups(), VaeConfig.EPSILON),
        Conv2d.load3x3(weights.at("conv1"), in, out),
        GroupNorm.load(weights.at("norm2"), out, config.groups(), VaeConfig.EPSILON),
        Conv2d.load3x3(weights.at("conv2"), out, out),
        in == out ? null : Conv2d.load1x1(weights.at("conv_shortcut"), in, out));
  }

  NDArray forward(NDArray x) {
    return Scope.around(
        () -> {
          NDArray hidden = Scope.around(() -> conv1.forward(norm1.forwardSilu(x)));
          NDArray done = Scope.around(() -> conv2.forward(norm2.forwardSilu(hidden)));
          return done.add(shortcut == null ? x : shortcut.forward(x));
        });
  }
}
