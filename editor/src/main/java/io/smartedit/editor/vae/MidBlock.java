package io.smartedit.editor.vae;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Attention;
import io.smartedit.editor.nn.GroupNorm;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Weights;

/** A single-headed attention over all cells between two resnets, at the smallest size. */
record MidBlock(VaeResnet first, GroupNorm norm, Attention attention, VaeResnet second) {

  static MidBlock load(Weights weights, VaeConfig config, int width) {
    Weights at = weights.at("attentions").at(0);
    // Files written before diffusers 0.15 spell the four projections in another way.
    boolean old = at.has("query.weight");
    return new MidBlock(
        VaeResnet.load(weights.at("resnets").at(0), config, width, width),
        GroupNorm.load(at.at("group_norm"), width, config.groups(), VaeConfig.EPSILON),
        new Attention(
            Linear.load(at.at(old ? "query" : "to_q"), width, width),
            Linear.load(at.at(old ? "key" : "to_k"), width, width),
            Linear.load(at.at(old ? "value" : "to_v"), width, width),
            Linear.load(old ? at.at("proj_attn") : at.at("to_out").at(0), width, width),
            1),
        VaeResnet.load(weights.at("resnets").at(1), config, width, width));
  }

  NDArray forward(NDArray x) {
    return second.forward(attend(first.forward(x)));
  }

  private NDArray attend(NDArray x) {
    return Scope.around(
        () -> {
          NDArray cells = Ops.cells(norm.forward(x));
          return x.add(Ops.lattice(attention.forward(cells, cells, cells), x));
        });
  }
}
