package io.smartedit.editor.bim;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Attention;
import io.smartedit.editor.nn.LayerNorm;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Weights;

/**
 * One block of the two-way transformer (Segment Anything, appendix A): queries and image read each
 * other.
 */
record TwoWayBlock(
    Attention self,
    LayerNorm norm1,
    ReadImage read,
    Linear expand,
    Linear contract,
    LayerNorm norm3,
    ReadImage tell,
    boolean first) {

  static TwoWayBlock load(Weights weights, InteractionConfig config, boolean first) {
    int width = config.width();
    return new TwoWayBlock(
        TwoWayBlock.load(weights.at("self_attn"), config, width),
        LayerNorm.load(weights.at("norm1"), width, InteractionConfig.EPSILON),
        ReadImage.load(weights, "cross_attn_token_to_image", "norm2", config),
        Linear.load(weights.at("mlp").at("lin1"), width, config.mlp()),
        Linear.load(weights.at("mlp").at("lin2"), config.mlp(), width),
        LayerNorm.load(weights.at("norm3"), width, InteractionConfig.EPSILON),
        ReadImage.load(weights, "cross_attn_image_to_token", "norm4", config),
        first);
  }

  private static Attention load(Weights weights, InteractionConfig config, int inner) {
    int width = config.width();
    return new Attention(
        Linear.load(weights.at("q_proj"), width, inner),
        Linear.load(weights.at("k_proj"), width, inner),
        Linear.load(weights.at("v_proj"), width, inner),
        Linear.load(weights.at("out_proj"), inner, width),
        config.heads());
  }

  /** The block's two outputs. */
  record State(NDArray queries, NDArray image) {
    @Override
    public String toString() {
      return "State" + queries.getShape() + image.getShape();
    }
  }

  /**
   * @param state queries {@code [B, Q, C]} and image {@code [B, N, C]}
   * @param points the queries' own positions, {@code [B, Q, C]}
   * @param code the image's positions, {@code [N, C]}
   */
  State forward(State state, NDArray points, NDArray code) {
    NDArray before = state.queries();
    NDArray q;
    if (first) {
      q = norm1.forward(self.forward(before, before, before));
    } else {
      NDArray placed = before.add(points);
      q = norm1.forward(before.add(self.forward(placed, placed, before)));
    }
    NDArray keys = state.image().add(code);
    q = read.forward(q, q.add(points), keys, state.image());
    q = norm3.forward(q.add(contract.forward(Ops.relu(expand.forward(q)))));
    NDArray image = tell.forward(state.image(), keys, q.add(points), q);
    return new State(q, image);
  }

  /** Cross-attention at half the width, its residual and the norm behind it. */
  record ReadImage(Attention attention, LayerNorm norm) {

    static ReadImage load(
        Weights weights, String attention, String norm, InteractionConfig config) {
      return new ReadImage(
          TwoWayBlock.load(weights.at(attention), config, config.width() / 2),
          LayerNorm.load(weights.at(norm), config.width(), InteractionConfig.EPSILON));
    }

    NDArray forward(NDArray residual, NDArray queries, NDArray keys, NDArray values) {
      return norm.forward(residual.add(attention.forward(queries, keys, values)));
    }
  }
}
