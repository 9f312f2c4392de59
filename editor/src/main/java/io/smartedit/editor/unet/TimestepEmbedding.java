package io.smartedit.editor.unet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Weights;

/** Sinusoidal code of the timestep (cosines first) through a two-layer perceptron. */
record TimestepEmbedding(Linear linear1, Linear linear2, int width) {

  static TimestepEmbedding load(Weights weights, UNetConfig config) {
    int width = config.channels().get(0);
    return new TimestepEmbedding(
        Linear.load(weights.at("linear_1"), width, config.timeWidth()),
        Linear.load(weights.at("linear_2"), config.timeWidth(), config.timeWidth()),
        width);
  }

  /** One, possibly fractional, timestep a sample: {@code [B, width]} in single precision. */
  NDArray code(NDManager manager, double[] timesteps) {
    int half = width / 2;
    float[] code = new float[timesteps.length * width];
    for (int b = 0; b < timesteps.length; b++) {
      for (int i = 0; i < half; i++) {
        double angle = timesteps[b] * Math.exp(-Math.log(10000) * i / half);
        code[b * width + i] = (float) Math.cos(angle);
        code[b * width + half + i] = (float) Math.sin(angle);
      }
    }
    return manager.create(code, new Shape(timesteps.length, width));
  }

  /** {@code [B, width] -> [B, timeWidth]}. */
  NDArray forward(NDArray code) {
    return linear2.forward(Ops.silu(linear1.forward(code)));
  }
}
