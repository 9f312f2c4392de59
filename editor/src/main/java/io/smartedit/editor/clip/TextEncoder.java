package io.smartedit.editor.clip;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Embedding;
import io.smartedit.editor.nn.LayerNorm;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/** CLIP's text tower: the last hidden state after the final norm. */
public record TextEncoder(
    Embedding tokens, NDArray positions, List<ClipLayer> layers, LayerNorm finalNorm) {

  /** Loads {@code text_model.*}; {@code length} is the fixed number of tokens. */
  public static TextEncoder load(Weights weights, ClipConfig config, int vocabulary, int length) {
    Weights text = weights.at("text_model");
    Weights embeddings = text.at("embeddings");
    List<ClipLayer> layers = new ArrayList<>(config.layers());
    for (int i = 0; i < config.layers(); i++) {
      layers.add(ClipLayer.load(text.at("encoder").at("layers").at(i), config));
    }
    TextEncoder encoder =
        new TextEncoder(
            Embedding.load(embeddings.at("token_embedding"), vocabulary, config.width()),
            embeddings.at("position_embedding").get("weight", length, config.width()),
            layers,
            LayerNorm.load(text.at("final_layer_norm"), config.width(), config.epsilon()));
    weights.ignore(
        name ->
            name.equals("text_model.embeddings.position_ids") || !name.startsWith("text_model."));
    return encoder;
  }

  /** Tokens a prompt is padded to. */
  public int length() {
    return Math.toIntExact(positions.getShape().get(0));
  }

  /** {@code int64 [B, length] -> [B, length, C]}. */
  public NDArray forward(NDArray ids) {
    return Scope.around(
        () -> {
          NDArray x = tokens.forward(ids).add(positions);
          for (ClipLayer layer : layers) {
            x = layer.forward(x, true);
          }
          return finalNorm.forward(x);
        });
  }

  @Override
  public String toString() {
    return "TextEncoder" + positions.getShape() + " x " + layers.size();
  }
}
