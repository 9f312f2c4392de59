package io.smartedit.editor.qformer;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Attention;
import io.smartedit.editor.nn.LayerNorm;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Weights;
import org.jspecify.annotations.Nullable;

/** One post-norm BERT layer; some layers also attend to the LLM's states. */
record QFormerLayer(
    Block self, @Nullable Block cross, Linear expand, Linear contract, LayerNorm norm) {

  static QFormerLayer load(Weights weights, QFormerConfig config, boolean crosses) {
    int width = config.width();
    return new QFormerLayer(
        Block.load(weights.at("attention"), config, width),
        crosses ? Block.load(weights.at("crossattention"), config, config.encoderWidth()) : null,
        Linear.load(weights.at("intermediate_query").at("dense"), width, config.mlp()),
        Linear.load(weights.at("output_query").at("dense"), config.mlp(), width),
        LayerNorm.load(weights.at("output_query").at("LayerNorm"), width, QFormerConfig.EPSILON));
  }

  NDArray forward(NDArray x, NDArray states) {
    return Scope.around(
        () -> {
          NDArray seen = self.forward(x, x);
          NDArray read = cross == null ? seen : cross.forward(seen, states);
          NDArray hidden = contract.forward(Ops.gelu(expand.forward(read)));
          return norm.forward(hidden.add(read));
        });
  }

  /** Attention, its residual and the norm behind it. */
  record Block(Attention attention, LayerNorm norm) {

    static Block load(Weights weights, QFormerConfig config, int keyWidth) {
      int width = config.width();
      Weights self = weights.at("self");
      Weights output = weights.at("output");
      return new Block(
          new Attention(
              Linear.load(self.at("query"), width, width),
              Linear.load(self.at("key"), keyWidth, width),
              Linear.load(self.at("value"), keyWidth, width),
              Linear.load(output.at("dense"), width, width),
              config.heads()),
          LayerNorm.load(output.at("LayerNorm"), width, QFormerConfig.EPSILON));
    }

    NDArray forward(NDArray x, NDArray keys) {
      return norm.forward(attention.forward(x, keys, keys).add(x));
    }
  }
}
