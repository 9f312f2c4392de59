package io.smartedit.editor.bim;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.LayerNorm;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.nn.Weights;

/**
 * The ablation "SimpleCA": the summary reads the image by one cross-attention and a feed-forward;
 * the image is not told. Its weights were never published; the names here are ours.
 */
public record OneWayInteraction(
    Linear head,
    RandomPositionEncoding positions,
    TwoWayBlock.ReadImage read,
    Linear expand,
    Linear contract,
    LayerNorm norm,
    Linear residual)
    implements Interaction {

  public static OneWayInteraction load(Weights weights, InteractionConfig config) {
    int width = config.width();
    Weights block = weights.at("modulate_cross_attention");
    return new OneWayInteraction(
        Linear.load(weights.at("modulate_head"), config.conditionWidth(), width),
        RandomPositionEncoding.load(weights.at("pe_layer"), width),
        TwoWayBlock.ReadImage.load(block, "cross_attn_token_to_image", "norm2", config),
        Linear.load(block.at("mlp").at("lin1"), width, config.mlp()),
        Linear.load(block.at("mlp").at("lin2"), config.mlp(), width),
        LayerNorm.load(block.at("norm3"), width, InteractionConfig.EPSILON),
        Linear.load(
            weights.at("dimension_reduction_head_qformer_out"), width, config.conditionWidth()));
  }

  @Override
  public Modulation forward(NDArray summary, NDArray features, NDArray latents, Tap tap) {
    NDArray text =
        Scope.around(
            () -> {
              NDArray points = head.forward(summary);
              NDArray keys = features.add(positions.forward(features));
              NDArray seen = read.forward(points, points, keys, features);
              NDArray hidden = contract.forward(Ops.relu(expand.forward(seen)));
              NDArray told = residual.forward(norm.forward(seen.add(hidden)));
              return summary.add(Ops.scale(told, BidirectionalInteraction.RESIDUAL_WEIGHT));
            });
    return new Modulation(text, null);
  }
}
