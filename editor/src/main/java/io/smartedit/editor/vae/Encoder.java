package io.smartedit.editor.vae;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Conv2d;
import io.smartedit.editor.nn.GroupNorm;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Weights;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Pixels to the mean and log-variance of the latents. */
record Encoder(Conv2d in, List<Stage> stages, MidBlock mid, GroupNorm norm, Conv2d out) {

  static Encoder load(Weights weights, VaeConfig config) {
    List<Integer> channels = config.channels();
    int deepest = channels.get(channels.size() - 1);
    List<Stage> stages = new ArrayList<>();
    for (int i = 0; i < channels.size(); i++) {
      stages.add(Stage.load(weights.at("down_blocks").at(i), config, i));
    }
    return new Encoder(
        Conv2d.load3x3(weights.at("conv_in"), 3, channels.get(0)),
        stages,
        MidBlock.load(weights.at("mid_block"), config, deepest),
        GroupNorm.load(weights.at("conv_norm_out"), deepest, config.groups(), VaeConfig.EPSILON),
        Conv2d.load3x3(weights.at("conv_out"), deepest, 2L * config.latentChannels()));
  }

  NDArray forward(NDArray pixels) {
    return Scope.around(
        () -> {
          NDArray x = in.forward(pixels);
          for (Stage stage : stages) {
            NDArray previous = x;
            x = Scope.around(() -> stage.forward(previous));
            previous.close();
          }
          return out.forward(norm.forwardSilu(mid.forward(x)));
        });
  }

  /** Resnets, then a halving that pads below and to the right only. */
  record Stage(List<VaeResnet> resnets, @Nullable Conv2d downsample) {

    static Stage load(Weights weights, VaeConfig config, int stage) {
      int out = config.channels().get(stage);
      List<VaeResnet> resnets = new ArrayList<>();
      for (int i = 0; i < config.layers(); i++) {
        int in = i == 0 ? config.channels().get(Math.max(0, stage - 1)) : out;
        resnets.add(VaeResnet.load(weights.at("resnets").at(i), config, in, out));
      }
      boolean last = stage == config.channels().size() - 1;
      return new Stage(
          resnets,
          last
              ? null
              : Conv2d.load(weights.at("downsamplers").at(0).at("conv"), out, out, 3, 2, 0));
    }

    NDArray forward(NDArray input) {
      NDArray x = input;
      for (VaeResnet resnet : resnets) {
        x = resnet.forward(x);
      }
      return downsample == null ? x : downsample.forward(Ops.padBottomRight(x));
    }
  }
}
