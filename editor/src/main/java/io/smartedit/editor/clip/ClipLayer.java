package io.smartedit.editor.clip;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Attention;
import io.smartedit.editor.nn.LayerNorm;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Weights;

/** One pre-norm transformer layer, the same in both towers. */
record ClipLayer(
    LayerNorm norm1, Attention attention, LayerNorm norm2, Linear expand, Linear contract) {

  static ClipLayer load(Weights weights, ClipConfig config) {
    int width = config.width();
    Weights attention = weights.at("self_attn");
    return new ClipLayer(
        LayerNorm.load(weights.at("layer_norm1"), width, config.epsilon()),
        new Attention(
            Linear.load(attention.at("q_proj"), width, width),
            Linear.load(attention.at("k_proj"), width, width),
            Linear.load(attention.at("v_proj"), width, width),
            Linear.load(attention.at("out_proj"), width, width),
            config.heads()),
        LayerNorm.load(weights.at("layer_norm2"), width, config.epsilon()),
        Linear.load(weights.at("mlp").at("fc1"), width, config.mlp()),
        Linear.load(weights.at("mlp").at("fc2"), config.mlp(), width));
  }

  /** {@code [B, T, C] -> [B, T, C]}; causal in the text tower. */
  NDArray forward(NDArray x, boolean causal) {
    return Scope.around(
        () -> {
          NDArray normed = norm1.forward(x);
          NDArray seen =
              x.add(
                  causal
                      ? attention.forwardCausal(normed)
                      : attention.forward(normed, normed, normed));
          NDArray hidden = Ops.quickGelu(expand.forward(norm2.forward(seen)));
          return seen.add(contract.forward(hidden));
        });
  }
}
