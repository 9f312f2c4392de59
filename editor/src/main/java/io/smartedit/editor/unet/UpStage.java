package io.smartedit.editor.unet;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Conv2d;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Weights;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Resnets over the input joined with the down stages' outputs, then a doubling of the size. */
record UpStage(
    List<ResnetBlock> resnets, List<SpatialTransformer> transformers, @Nullable Conv2d upsample) {

  /** {@code stage} counts up stages, deepest first. */
  static UpStage load(Weights weights, UNetConfig config, int stage) {
    List<Integer> channels = config.channels();
    int level = channels.size() - 1 - stage;
    int out = channels.get(level);
    int below = channels.get(Math.min(channels.size() - 1, level + 1));
    int above = channels.get(Math.max(0, level - 1));
    List<ResnetBlock> resnets = new ArrayList<>();
    List<SpatialTransformer> transformers = new ArrayList<>();
    for (int i = 0; i <= config.layers(); i++) {
      int skip = i == config.layers() ? above : out;
      int in = (i == 0 ? below : out) + skip;
      resnets.add(ResnetBlock.load(weights.at("resnets").at(i), config, in, out));
      if (config.attends().get(level)) {
        transformers.add(SpatialTransformer.load(weights.at("attentions").at(i), config, out));
      }
    }
    Conv2d upsample =
        level == 0 ? null : Conv2d.load3x3(weights.at("upsamplers").at(0).at("conv"), out, out);
    return new UpStage(resnets, transformers, upsample);
  }

  /** Pops one skip a resnet; what it doubles to is the size of the next skip. */
  NDArray forward(NDArray input, NDArray time, Iterator<NDArray> text, Deque<NDArray> skips) {
    NDArray x = input;
    for (int i = 0; i < resnets.size(); i++) {
      ResnetBlock resnet = resnets.get(i);
      NDArray previous = x;
      NDArray skip = skips.pop();
      x = Scope.around(() -> resnet.forward(previous.concat(skip, 1), time));
      previous.close();
      skip.close();
      if (!transformers.isEmpty()) {
        NDArray plain = x;
        x = transformers.get(i).forward(plain, text.next(), text.next());
        plain.close();
      }
    }
    if (upsample == null) {
      return x;
    }
    NDArray small = x;
    NDArray next = skips.element();
    return Scope.around(() -> upsample.forward(Ops.nearest(small, next)));
  }
}
