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

/** Latents to pixels. */
record Decoder(Conv2d in, MidBlock mid, List<Stage> stages, GroupNorm norm, Conv2d out) {

  static Decoder load(Weights weights, VaeConfig config) {
    List<Integer> channels = config.channels();
    int deepest = channels.get(channels.size() - 1);
    List<Stage> stages = new ArrayList<>();
    for (int i = 0; i < channels.size(); i++) {
      stages.add(Stage.load(weights.at("up_blocks").at(i), config, channels.size() - 1 - i));
    }
    return new Decoder(
        Conv2d.load3x3(weights.at("conv_in"), config.latentChannels(), deepest),
        MidBlock.load(weights.at("mid_block"), config, deepest),
        stages,
        GroupNorm.load(
            weights.at("conv_norm_out"), channels.get(0), config.groups(), VaeConfig.EPSILON),
        Conv2d.load3x3(weights.at("conv_out"), channels.get(0), 3));
  }

  NDArray forward(NDArray latents) {
    return Scope.around(
        () -> {
          NDArray x = mid.forward(in.forward(latents));
          for (Stage stage : stages) {
            NDArray previous = x;
            x = Scope.around(() -> stage.forward(previous));
            previous.close();
          }
          return out.forward(norm.forwardSilu(x));
        });
  }

  /** Resnets, then a doubling of the size. */
  record Stage(List<VaeResnet> resnets, @Nullable Conv2d upsample) {

    static Stage load(Weights weights, VaeConfig config, int level) {
      List<Integer> channels = config.channels();
      int out = channels.get(level);
      List<VaeResnet> resnets = new ArrayList<>();
      for (int i = 0; i <= config.layers(); i++) {
        int in = i == 0 ? channels.get(Math.min(channels.size() - 1, level + 1)) : out;
        resnets.add(VaeResnet.load(weights.at("resnets").at(i), config, in, out));
      }
      return new Stage(
          resnets,
          level == 0 ? null : Conv2d.load3x3(weights.at("upsamplers").at(0).at("conv"), out, out));
    }

    NDArray forward(NDArray input) {
      NDArray x = input;
      for (VaeResnet resnet : resnets) {
        x = resnet.forward(x);
      }
      if (upsample == null) {
        return x;
      }
      return upsample.forward(Ops.twiceAsLarge(x));
    }
  }
}
