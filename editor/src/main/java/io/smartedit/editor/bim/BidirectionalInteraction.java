package io.smartedit.editor.bim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.smartedit.editor.nn.Conv2d;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Tap;
import io.smartedit.editor.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * SmartEdit's bidirectional interaction module: a two-way transformer whose query branch corrects
 * the text condition and whose image branch is added to the UNet's first activations.
 */
public record BidirectionalInteraction(
    Linear head,
    RandomPositionEncoding positions,
    List<TwoWayBlock> blocks,
    TwoWayBlock.ReadImage last,
    Conv2d toUnet,
    Linear residual)
    implements Interaction {

  /** Weight of the correction to the text condition, in the published program. */
  static final double RESIDUAL_WEIGHT = 0.5;

  public static BidirectionalInteraction load(Weights weights, InteractionConfig config) {
    int width = config.width();
    Weights transformer = weights.at("modulate_transformer");
    List<TwoWayBlock> blocks = new ArrayList<>(config.blocks());
    for (int i = 0; i < config.blocks(); i++) {
      blocks.add(TwoWayBlock.load(transformer.at("layers").at(i), config, i == 0));
    }
    return new BidirectionalInteraction(
        Linear.load(weights.at("modulate_head"), config.conditionWidth(), width),
        RandomPositionEncoding.load(weights.at("pe_layer"), width),
        blocks,
        TwoWayBlock.ReadImage.load(
            transformer, "final_attn_token_to_image", "norm_final_attn", config),
        Conv2d.load1x1(
            weights.at("dimension_reduction_head_zeroconv"), width, config.unetChannels()),
        Linear.load(
            weights.at("dimension_reduction_head_qformer_out"), width, config.conditionWidth()));
  }

  @Override
  public Modulation forward(NDArray summary, NDArray features, NDArray latents, Tap tap) {
    NDList results = Scope.aroundAll(() -> interact(summary, features, latents, tap));
    return new Modulation(results.get(0), results.get(1));
  }

  private NDList interact(NDArray summary, NDArray features, NDArray latents, Tap tap) {
    NDArray points = head.forward(summary);
    NDArray code = positions.forward(features);
    tap.see("bim.position_encoding", asImage(code.expandDims(0)).get(0));
    TwoWayBlock.State state = new TwoWayBlock.State(points, features);
    for (TwoWayBlock block : blocks) {
      state = block.forward(state, points, code);
    }
    NDArray q = state.queries();
    q = last.forward(q, q.add(points), state.image().add(code), state.image());
    tap.see("bim.queries_raw", q);
    tap.see("bim.image_raw", state.image());
    NDArray feature = toUnet.forward(Ops.bilinear(asImage(state.image()), latents));
    NDArray correction = residual.forward(q);
    tap.see("bim.query_residual", correction);
    return new NDList(summary.add(Ops.scale(correction, RESIDUAL_WEIGHT)), feature);
  }

  /** {@code [B, side * side, C] -> [B, C, side, side]}. */
  private static NDArray asImage(NDArray cells) {
    int side = RandomPositionEncoding.side(cells);
    return cells.transpose(0, 2, 1).reshape(cells.getShape().get(0), -1, side, side);
  }
}
