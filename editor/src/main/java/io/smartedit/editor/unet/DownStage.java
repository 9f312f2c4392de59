package io.smartedit.editor.unet;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.nn.Conv2d;
import io.smartedit.editor.nn.Weights;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Resnets, each followed by a transformer where the stage attends, then a halving of the size. */
record DownStage(
    List<ResnetBlock> resnets, List<SpatialTransformer> transformers, @Nullable Conv2d downsample) {

  static DownStage load(Weights weights, UNetConfig config, int stage) {
    int out = config.channels().get(stage);
    List<ResnetBlock> resnets = new ArrayList<>();
    List<SpatialTransformer> transformers = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      int in = i == 0 ? config.channels().get(Math.max(0, stage - 1)) : out;
      resnets.add(ResnetBlock.load(weights.at("resnets").at(i), config, in, out));
      if (config.attends().get(stage)) {
        transformers.add(SpatialTransformer.load(weights.at("attentions").at(i), config, out));
      }
    }
    boolean last = stage == config.channels().size() - 1;
    Conv2d downsample =
        last ? null : Conv2d.load(weights.at("downsamplers").at(0).at("conv"), out, out, 3, 2, 1);
    return new DownStage(resnets, transformers, downsample);
  }

  /**
   * Pushes every layer's output on {@code skips}, for the up stages.
   *
   * @param text key and value of every transformer
   */
  NDArray forward(NDArray input, NDArray time, Iterator<NDArray> text, Deque<NDArray> skips) {
    NDArray x = input;
    for (int i = 0; i < resnets.size(); i++) {
      x = resnets.get(i).forward(x, time);
      if (!transformers.isEmpty()) {
        NDArray plain = x;
        x = transformers.get(i).forward(plain, text.next(), text.next());
        plain.close();
      }
      skips.push(x);
    }
    if (downsample != null) {
      x = downsample.forward(x);
      skips.push(x);
    }
    return x;
  }
}
