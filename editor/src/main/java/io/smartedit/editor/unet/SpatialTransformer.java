package io.smartedit.editor.unet;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Attention;
import io.smartedit.editor.nn.Conv2d;
import io.smartedit.editor.nn.GroupNorm;
import io.smartedit.editor.nn.LayerNorm;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Weights;

/** A transformer block over the latents' cells that also attends to the text condition. */
record SpatialTransformer(
    GroupNorm norm,
    Conv2d in,
    LayerNorm norm1,
    Attention self,
    LayerNorm norm2,
    Attention cross,
    LayerNorm norm3,
    Linear expand,
    Linear contract,
    Conv2d out) {

  static SpatialTransformer load(Weights weights, UNetConfig config, int width) {
    Weights block = weights.at("transformer_blocks").at(0);
    Weights feedForward = block.at("ff").at("net");
    double epsilon = UNetConfig.NORM_EPSILON;
    return new SpatialTransformer(
        GroupNorm.load(weights.at("norm"), width, config.groups(), UNetConfig.TRANSFORMER_EPSILON),
        Conv2d.load1x1(weights.at("proj_in"), width, width),
        LayerNorm.load(block.at("norm1"), width, epsilon),
        attention(block.at("attn1"), config, width, width),
        LayerNorm.load(block.at("norm2"), width, epsilon),
        attention(block.at("attn2"), config, width, config.contextWidth()),
        LayerNorm.load(block.at("norm3"), width, epsilon),
        Linear.load(feedForward.at(0).at("proj"), width, 8L * width),
        Linear.load(feedForward.at(2), 4L * width, width),
        Conv2d.load1x1(weights.at("proj_out"), width, width));
  }

  private static Attention attention(Weights weights, UNetConfig config, int width, int keyWidth) {
    return new Attention(
        Linear.loadWithoutBias(weights.at("to_q"), width, width),
        Linear.loadWithoutBias(weights.at("to_k"), keyWidth, width),
        Linear.loadWithoutBias(weights.at("to_v"), keyWidth, width),
        Linear.load(weights.at("to_out").at(0), width, width),
        config.heads());
  }

  /**
   * @param x {@code [B, C, H, W]}
   * @param text {@code [B, T, contextWidth]}
   * @return {@code [B, C, H, W]}
   */
  NDArray forward(NDArray x, NDArray text) {
    return Scope.around(
        () -> {
          NDArray projected = in.forward(norm.forward(x));
          NDArray cells = projected.flatten(2, 3).transpose(0, 2, 1);
          NDArray read =
              Scope.around(
                  () -> {
                    NDArray normed = norm1.forward(cells);
                    NDArray mixed = cells.add(self.forward(normed, normed, normed));
                    return mixed.add(cross.forward(norm2.forward(mixed), text, text));
                  });
          NDArray hidden =
              Scope.around(() -> contract.forward(Ops.geglu(expand.forward(norm3.forward(read)))));
          NDArray done = read.add(hidden).transpose(0, 2, 1).reshape(x.getShape());
          return out.forward(done).add(x);
        });
  }
}
