package io.smartedit.editor.llama;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.RmsNorm;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Weights;

/** One decoder layer: rotary causal attention and a gated feed-forward, both pre-normed. */
public record LlamaLayer(
    RmsNorm inputNorm,
    Linear query,
    Linear key,
    Linear value,
    Linear out,
    RmsNorm postNorm,
    Linear gate,
    Linear up,
    Linear down,
    int heads) {

  public static LlamaLayer load(Weights weights, LlamaConfig config) {
    int width = config.width();
    Weights attention = weights.at("self_attn");
    Weights mlp = weights.at("mlp");
    return new LlamaLayer(
        RmsNorm.load(weights.at("input_layernorm"), width, config.epsilon()),
        Linear.loadWithoutBias(attention.at("q_proj"), width, width),
        Linear.loadWithoutBias(attention.at("k_proj"), width, width),
        Linear.loadWithoutBias(attention.at("v_proj"), width, width),
        Linear.loadWithoutBias(attention.at("o_proj"), width, width),
        RmsNorm.load(weights.at("post_attention_layernorm"), width, config.epsilon()),
        Linear.loadWithoutBias(mlp.at("gate_proj"), width, config.mlp()),
        Linear.loadWithoutBias(mlp.at("up_proj"), width, config.mlp()),
        Linear.loadWithoutBias(mlp.at("down_proj"), config.mlp(), width),
        config.heads());
  }

  /** {@code [B, T, C] -> [B, T, C]}; {@code positions} has at least T rows. */
  public NDArray forward(NDArray x, Rope positions) {
    return Scope.around(
        () -> {
          NDArray normed = inputNorm.forward(x);
          NDArray attended =
              Ops.rotaryAttention(
                  query.forward(normed),
                  key.forward(normed),
                  value.forward(normed),
                  positions.cosine(),
                  positions.sine(),
                  heads);
          NDArray seen = x.add(out.forward(attended));
          NDArray hidden = postNorm.forward(seen);
          return seen.add(down.forward(Ops.siluGate(gate.forward(hidden), up.forward(hidden))));
        });
  }
}
