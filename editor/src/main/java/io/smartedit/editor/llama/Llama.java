package io.smartedit.editor.llama;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Embedding;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.RmsNorm;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * A LLaMA without its output head: embeddings in, final hidden states out, one causal pass.
 *
 * <p>Rows of a batch may be padded on the right: a token never sees what follows it.
 */
public record Llama(Embedding tokens, List<LlamaLayer> layers, RmsNorm norm, LlamaConfig config) {

  public static Llama load(Weights weights, LlamaConfig config) {
    List<LlamaLayer> layers = new ArrayList<>(config.layers());
    for (int i = 0; i < config.layers(); i++) {
      layers.add(LlamaLayer.load(weights.at("layers").at(i), config));
    }
    Llama llama =
        new Llama(
            Embedding.load(weights.at("embed_tokens"), config.vocabulary(), config.width()),
            layers,
            RmsNorm.load(weights.at("norm"), config.width(), config.epsilon()),
            config);
    weights.ignore(name -> name.endsWith("rotary_emb.inv_freq"));
    return llama;
  }

  /** {@code int64 [B, T] -> [B, T, C]}. */
  public NDArray embed(NDArray ids) {
    return tokens.forward(ids);
  }

  /** States after the final norm, {@code [B, T, C] -> [B, T, C]}. */
  public NDArray forward(NDArray embeddings, Tap tap) {
    return Scope.around(
        () -> {
          int length = Math.toIntExact(embeddings.getShape().get(1));
          Rope rope = Rope.of(embeddings.getManager(), config, length, Precision.in(embeddings));
          NDArray x = embeddings;
          for (int i = 0; i < layers.size(); i++) {
            NDArray previous = x;
            x = layers.get(i).forward(x, rope);
            if (i > 0) {
              previous.close();
            }
            tap.see("llm.layer" + (i + 1) + "_hidden", x);
          }
          return norm.forward(x);
        });
  }
}
