package io.smartedit.editor.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
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

  /** Keys and values of a text condition, {@code [B, T, contextWidth] -> 2 x [B, T, C]}. */
  NDList read(NDArray text) {
    return new NDList(cross.key().forward(text), cross.value().forward(text));
  }

  /**
   * @param x {@code [B, C, H, W]}
   * @param key and {@code value} from {@link #read}
   * @return {@code [B, C, H, W]}
   */
  NDArray forward(NDArray x, NDArray key, NDArray value) {
    return Scope.around(
        () -> {
          NDArray cells = Ops.cells(in.forward(norm.forward(x)));
          NDArray read =
              Scope.around(
                  () -> {
                    NDArray normed = norm1.forward(cells);
                    NDArray mixed = cells.add(self.forward(normed, normed, normed));
                    return mixed.add(cross.read(norm2.forward(mixed), key, value));
                  });
          NDArray hidden =
              Scope.around(() -> contract.forward(Ops.geglu(expand.forward(norm3.forward(read)))));
          return out.forward(Ops.lattice(read.add(hidden), x)).add(x);
        });
  }
}
