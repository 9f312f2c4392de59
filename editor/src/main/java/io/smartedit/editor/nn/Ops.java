package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import org.jspecify.annotations.Nullable;

/**
 * The operators the nets are written in; the only class that knows which of them DJL lacks.
 *
 * <p>Every result belongs to the manager of the first operand, so activations come first. All are
 * differentiable. Any thread may call them.
 *
 * <p>Products are computed in the format of the activations, to which weights in another are
 * converted: bfloat16 activations through single-precision weights are mixed-precision training.
 */
public final class Ops {

  private Ops() {}

  /** {@code x W^T + b}. */
  public static NDArray linear(NDArray x, NDArray weight, @Nullable NDArray bias) {
    if (x instanceof Recorded recorded) {
      return recorded.recording().linear(recorded, weight, bias);
    }
    PtNDArray offset = bias == null ? null : as(x, bias);
    return Computing.during(() -> JniUtils.linear((PtNDArray) x, as(x, weight), offset));
  }

  /** The weight in the format of the activations; where it is converted, it lives as they do. */
  private static PtNDArray as(NDArray x, NDArray weight) {
    NDArray same = Precision.in(x).of(weight);
    if (same != weight) {
      same.attach(x.getManager());
    }
    return (PtNDArray) same;
  }

  /** Convolution of {@code [B, C, H, W]} with equal strides and paddings in both directions. */
  public static NDArray conv2d(NDArray x, NDArray weight, NDArray bias, int stride, int padding) {
    if (x instanceof Recorded recorded) {
      return recorded.recording().conv2d(recorded, weight, bias, stride, padding);
    }
    return Computing.during(
        () ->
            JniUtils.convolution(
                (PtNDArray) x,
                as(x, weight),
                as(x, bias),
                new Shape(stride, stride),
                new Shape(padding, padding),
                new Shape(1, 1),
                1));
  }

  /** Rows of a table: {@code int64 [B, T]} and {@code [rows, C]} to {@code [B, T, C]}. */
  public static NDArray embedding(NDArray ids, NDArray table) {
    return Bridge.call("embedding", ids, table);
  }

  /** As {@link #embedding}, for rows that were computed: the result belongs to their manager. */
  public static NDArray rows(NDArray ids, NDArray table) {
    return Bridge.call("rows", table, ids);
  }

  /** Layer normalisation over the last axis. */
  public static NDArray layerNorm(NDArray x, NDArray weight, NDArray bias, double epsilon) {
    return x instanceof Recorded
        ? Bridge.call("layer_norm", x, weight, bias, epsilon)
        : JniUtils.layerNorm(
            (PtNDArray) x,
            new Shape(x.getShape().get(x.getShape().dimension() - 1)),
            (PtNDArray) weight,
            (PtNDArray) bias,
            epsilon);
  }

  /** Group normalisation of {@code [B, C, ...]}. */
  public static NDArray groupNorm(
      NDArray x, int groups, NDArray weight, NDArray bias, double epsilon) {
    return Bridge.call("group_norm", x, weight, bias, groups, epsilon);
  }

  /** {@link #groupNorm} followed by {@link #silu}. */
  public static NDArray groupNormSilu(
      NDArray x, int groups, NDArray weight, NDArray bias, double epsilon) {
    return Bridge.call("group_norm_silu", x, weight, bias, groups, epsilon);
  }

  /** {@code weight * x / sqrt(mean(x^2) + epsilon)}, the mean in single precision. */
  public static NDArray rmsNorm(NDArray x, NDArray weight, double epsilon) {
    return Bridge.call("rms_norm", x, weight, epsilon);
  }

  /** {@code x * sigmoid(x)}. */
  public static NDArray silu(NDArray x) {
    return Bridge.call("silu", x);
  }

  /** {@code silu(gate) * up}, LLaMA's gated unit. */
  public static NDArray siluGate(NDArray gate, NDArray up) {
    return Bridge.call("silu_gate", gate, up);
  }

  /** {@code x * sigmoid(1.702 x)}, CLIP's approximation of GELU. */
  public static NDArray quickGelu(NDArray x) {
    return Bridge.call("quick_gelu", x);
  }

  /** GELU by the error function. */
  public static NDArray gelu(NDArray x) {
    return x instanceof Recorded ? Bridge.call("gelu", x) : JniUtils.gelu((PtNDArray) x);
  }

  /**
   * {@code factor * x}.
   *
   * <p>DJL's own multiplication by a number keeps the number in Java's memory, which the graph does
   * not hold: where gradients are wanted this is the one to use.
   *
   * @param factor one of a few: each is kept for good
   */
  public static NDArray scale(NDArray x, double factor) {
    return Bridge.call("scale", x, factor);
  }

  /**
   * The sum of arrays of one shape, so much of each; without gradients. It belongs to the first
   * one's manager.
   */
  public static NDArray blend(NDList arrays, double[] shares) {
    return Bridge.callLists("blend", arrays, shares);
  }

  /** {@code max(x, 0)}. */
  public static NDArray relu(NDArray x) {
    return x instanceof Recorded ? Bridge.call("relu", x) : JniUtils.relu((PtNDArray) x);
  }

  /** The first half of the last axis times GELU of the second. */
  public static NDArray geglu(NDArray x) {
    return Bridge.call("geglu", x);
  }

  /**
   * Scaled dot-product attention over heads laid out side by side in the last axis. On a processor
   * bfloat16 is computed in single precision: no slower forwards, and ten times as fast backwards.
   *
   * @param q {@code [B, T, heads * d]}
   * @param k {@code [B, S, heads * d]}
   * @param v {@code [B, S, heads * e]}
   * @return {@code [B, T, heads * e]}
   */
  public static NDArray attention(NDArray q, NDArray k, NDArray v, int heads) {
    if (q instanceof Recorded recorded) {
      return recorded.recording().attention(recorded, k, v, heads);
    }
    boolean mixed = Precision.in(q) == Precision.BF16 && !q.getDevice().isGpu();
    return mixed
        ? Precision.BF16.of(
            attention(Precision.FP32.of(q), Precision.FP32.of(k), Precision.FP32.of(v), heads))
        : Bridge.call("attention", q, k, v, heads);
  }

  /** As {@link #attention}, and token i sees tokens 0 to i only. */
  public static NDArray causalAttention(NDArray q, NDArray k, NDArray v, int heads) {
    return Bridge.call("causal_attention", q, k, v, heads);
  }

  /**
   * Causal self-attention with rotary positions (Su et al., 2021; halves rotated, as Hugging Face
   * lays LLaMA out).
   *
   * @param q k and v {@code [B, T, heads * d]}
   * @param cosine and {@code sine} {@code [T, d]}
   */
  public static NDArray rotaryAttention(
      NDArray q, NDArray k, NDArray v, NDArray cosine, NDArray sine, int heads) {
    return Bridge.call("rotary_attention", q, k, v, cosine, sine, heads);
  }

  /** Nearest-neighbour resize of {@code [B, C, H, W]} to the height and width of another array. */
  public static NDArray nearest(NDArray x, NDArray like) {
    return Bridge.call("nearest", x, like);
  }

  /** Bilinear resize with half-pixel centres to the height and width of another array. */
  public static NDArray bilinear(NDArray x, NDArray like) {
    return Bridge.call("bilinear", x, like);
  }

  /** {@code [B, C, H, W] -> [B, H * W, C]}. */
  public static NDArray cells(NDArray x) {
    return Bridge.call("cells", x);
  }

  /** {@link #cells} undone: {@code [B, H * W, C]} in the shape of {@code like}. */
  public static NDArray lattice(NDArray cells, NDArray like) {
    return Bridge.call("lattice", cells, like);
  }

  /** So many channels of {@code [B, C, ...]} from one on. */
  public static NDArray channels(NDArray x, int first, int count) {
    return Bridge.call("channels", x, first, count);
  }

  /** Nearest-neighbour resize of {@code [B, C, H, W]} to twice the height and width. */
  public static NDArray twiceAsLarge(NDArray x) {
    return Bridge.call("twice_as_large", x);
  }

  /** Largest values of square windows, the last of which may reach over the edge. */
  public static NDArray maxPool(NDArray x, int kernel, int stride) {
    return JniUtils.maxPool(
        (PtNDArray) x, new Shape(kernel, kernel), new Shape(stride, stride), new Shape(0, 0), true);
  }

  /** Gives every trained array its gradient of a number. */
  public static void backward(GradientCollector collector, NDArray loss) {
    Computing.during(
        () -> {
          collector.backward(loss);
          return loss;
        });
  }

  /** Sets the gradient of a trained array to zero, whatever is in it. */
  public static void clearGradient(NDArray array) {
    JniUtils.zeroGrad((PtNDArray) array);
  }

  /** One more row below and one more column to the right, of zeros. */
  public static NDArray padBottomRight(NDArray x) {
    return Bridge.call("pad_bottom_right", x);
  }
}
