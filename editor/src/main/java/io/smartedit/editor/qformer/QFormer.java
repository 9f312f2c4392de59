package io.smartedit.editor.qformer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.LayerNorm;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/** Learned queries that summarise the LLM's image-token states into a text condition. */
public record QFormer(NDArray queries, LayerNorm norm, List<QFormerLayer> layers) {

  /** Loads {@code sd_query_tokens} and {@code sd_qformer.*}. */
  public static QFormer load(Weights weights, QFormerConfig config) {
    Weights qformer = weights.at("sd_qformer");
    List<QFormerLayer> layers = new ArrayList<>(config.layers());
    for (int i = 0; i < config.layers(); i++) {
      boolean crosses = i % config.crossEvery() == 0;
      layers.add(QFormerLayer.load(qformer.at("encoder").at("layer").at(i), config, crosses));
    }
    qformer.ignore(name -> name.equals("embeddings.position_ids"));
    return new QFormer(
        weights.get("sd_query_tokens", 1, config.queries(), config.width()),
        LayerNorm.load(
            qformer.at("embeddings").at("LayerNorm"), config.width(), QFormerConfig.EPSILON),
        layers);
  }

  /** {@code [B, T, encoderWidth] -> [B, queries, C]}. */
  public NDArray forward(NDArray states) {
    return Scope.around(
        () -> {
          Shape one = queries.getShape();
          Shape shape = new Shape(states.getShape().get(0), one.get(1), one.get(2));
          NDArray x =
              norm.forward(Precision.in(states).zeros(states.getManager(), shape).add(queries));
          for (QFormerLayer layer : layers) {
            x = layer.forward(x, states);
          }
          return x;
        });
  }

  @Override
  public String toString() {
    return "QFormer" + queries.getShape() + " x " + layers.size();
  }
}
