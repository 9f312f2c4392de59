package io.smartedit.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.Ops;

/** The losses everything is trained by, each a single number with a history. */
public final class Criteria {

  /** A label that does not count. */
  public static final long IGNORED = -100;

  private Criteria() {}

  /**
   * Mean cross-entropy of the rows whose label counts; 0 where none does.
   *
   * @param logits {@code [N, K]}
   * @param labels N class indices, or {@link #IGNORED}
   */
  public static NDArray crossEntropy(NDArray logits, long[] labels) {
    long[] classes = new long[labels.length];
    float[] weights = new float[labels.length];
    int count = 0;
    for (int i = 0; i < labels.length; i++) {
      boolean counts = labels[i] != IGNORED;
      classes[i] = counts ? labels[i] : 0;
      count += counts ? 1 : 0;
    }
    for (int i = 0; i < labels.length; i++) {
      weights[i] = labels[i] == IGNORED ? 0 : -1f / count;
    }
    NDArray index = logits.getManager().create(classes, new Shape(classes.length, 1));
    NDArray likelihoods = logits.logSoftmax(-1).gather(index, 1).squeeze(1);
    NDArray weight = logits.getManager().create(weights);
    return likelihoods.mul(weight).sum();
  }

  /** Share of the rows that count whose largest logit is at the label. */
  public static double accuracy(NDArray logits, long[] labels) {
    long[] best = logits.argMax(-1).toType(DataType.INT64, false).toLongArray();
    int right = 0;
    int count = 0;
    for (int i = 0; i < labels.length; i++) {
      count += labels[i] == IGNORED ? 0 : 1;
      right += labels[i] == best[i] ? 1 : 0;
    }
    return count == 0 ? 1 : (double) right / count;
  }

  /** Mean binary cross-entropy of logits, {@code max(x, 0) - x t + log(1 + exp(-|x|))}. */
  public static NDArray binary(NDArray logits, NDArray targets) {
    NDArray positive = Ops.relu(logits);
    NDArray rest = logits.abs().neg().exp().add(1).log();
    return positive.sub(logits.mul(targets)).add(rest).mean();
  }

  /** Overlap of the positive logits with the target: intersection over union. */
  public static double overlap(NDArray logits, float[] targets) {
    float[] values = logits.toFloatArray();
    int both = 0;
    int either = 0;
    for (int i = 0; i < values.length; i++) {
      boolean found = values[i] > 0;
      boolean wanted = targets[i] > 0.5f;
      both += found && wanted ? 1 : 0;
      either += found || wanted ? 1 : 0;
    }
    return either == 0 ? 1 : (double) both / either;
  }

  /** Mean of squared differences. */
  public static NDArray squared(NDArray a, NDArray b) {
    return a.sub(b).square().mean();
  }
}
