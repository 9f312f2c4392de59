package io.smartedit.editor.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bridged operators against the formulas they stand for. */
final class OpsTest {

  private final NDManager manager = NDManager.newBaseManager("PyTorch");

  @AfterEach
  void close() {
    manager.close();
  }

  @Test
  void groupNormNormalisesEachGroup() {
    NDArray x = random(2, 6, 3, 5);
    NDArray weight = random(6);
    NDArray bias = random(6);
    NDArray groups = x.reshape(2, 3, -1);
    NDArray mean = groups.mean(new int[] {2}, true);
    NDArray variance = groups.sub(mean).square().mean(new int[] {2}, true);
    NDArray normed = groups.sub(mean).div(variance.add(1e-5).sqrt()).reshape(2, 6, 3, 5);
    NDArray expected = normed.mul(weight.reshape(1, 6, 1, 1)).add(bias.reshape(1, 6, 1, 1));

    assertClose(Ops.groupNorm(x, 3, weight, bias, 1e-5), expected);
    assertClose(Ops.groupNormSilu(x, 3, weight, bias, 1e-5), silu(expected));
  }

  @Test
  void weightsFollowTheFormatOfTheActivationsAndLeaveNothingBehind() {
    NDArray weight = random(4, 8);
    NDArray kernel = random(5, 2, 3, 3);
    weight.setRequiresGradient(true);
    NDArray x = random(3, 8);
    NDArray pixels = random(1, 2, 6, 6);
    NDArray conv = Ops.conv2d(pixels, kernel, manager.zeros(new Shape(5)), 1, 1);
    try (NDManager step = manager.newSubManager();
        GradientCollector collector = manager.getEngine().newGradientCollector()) {
      NDArray low = Precision.BF16.of(x.duplicate());
      low.attach(step);
      NDArray y = Ops.linear(low, weight, null);
      NDArray lowPixels = Precision.BF16.of(pixels.duplicate());
      lowPixels.attach(step);
      NDArray z = Ops.conv2d(lowPixels, kernel, step.zeros(new Shape(5)), 1, 1);

      assertThat(Precision.in(y)).isEqualTo(Precision.BF16);
      assertRoughly(Precision.FP32.of(y), x.matMul(weight.transpose()));
      assertRoughly(Precision.FP32.of(z), conv);
      collector.backward(Precision.FP32.of(y).sum());
      assertRoughly(weight.getGradient(), x.sum(new int[] {0}).reshape(1, 8));
    }
    NDArray low = Precision.BF16.of(x);
    int before = manager.getManagedArrays().size();
    try (NDManager step = manager.newSubManager()) {
      low.attach(step);
      Ops.linear(low, weight, null);
    }
    assertThat(manager.getManagedArrays()).hasSize(before - 1);
  }

  private static void assertRoughly(NDArray actual, NDArray expected) {
    assertThat(actual.sub(expected).abs().max().getFloat())
        .isLessThan(0.02f * (1 + expected.abs().max().getFloat()));
  }

  @Test
  void rmsNormDividesByTheRootOfTheMeanSquare() {
    NDArray x = random(2, 3, 8);
    NDArray weight = random(8);

    NDArray expected = x.div(x.square().mean(new int[] {2}, true).add(1e-6).sqrt()).mul(weight);

    assertClose(Ops.rmsNorm(x, weight, 1e-6), expected);
  }

  @Test
  void gatesFollowTheirFormulas() {
    NDArray x = random(3, 8);
    NDArray y = random(3, 8);

    assertClose(Ops.silu(x), silu(x));
    assertClose(Ops.siluGate(x, y), silu(x).mul(y));
    assertClose(Ops.quickGelu(x), x.mul(x.mul(-1.702).exp().add(1).pow(-1)));
    NDArray gate = x.get(":, 4:");
    NDArray gelu = gate.mul(gate.div(Math.sqrt(2)).erf().add(1)).mul(0.5);
    assertClose(Ops.geglu(x), x.get(":, :4").mul(gelu));
  }

  @Test
  void attentionIsSoftmaxOfScaledProducts() {
    NDArray q = random(2, 5, 12);
    NDArray k = random(2, 7, 12);
    NDArray v = random(2, 7, 12);

    assertClose(Ops.attention(q, k, v, 3), composedAttention(q, k, v, 3, false));
  }

  @Test
  void causalAttentionSeesNothingThatFollows() {
    NDArray q = random(2, 5, 12);
    NDArray k = random(2, 5, 12);
    NDArray v = random(2, 5, 12);

    assertClose(Ops.causalAttention(q, k, v, 3), composedAttention(q, k, v, 3, true));
  }

  @Test
  void rotaryAttentionWithZeroAnglesIsCausalAttention() {
    NDArray q = random(1, 4, 8);
    NDArray k = random(1, 4, 8);
    NDArray v = random(1, 4, 8);
    NDArray ones = manager.ones(new Shape(4, 4));

    NDArray result = Ops.rotaryAttention(q, k, v, ones, ones.mul(0), 2);

    assertClose(result, Ops.causalAttention(q, k, v, 2));
  }

  @Test
  void bilinearUsesHalfPixelCentres() {
    NDArray x = manager.create(new float[] {0, 1, 2, 3}, new Shape(1, 1, 2, 2));

    NDArray result = Ops.bilinear(x, manager.zeros(new Shape(1, 1, 1, 4)));

    // Rows meet halfway at 1, columns at -0.25, 0.25, 0.75 and 1.25 of the way, clamped.
    assertThat(result.toFloatArray()).containsExactly(1f, 1.25f, 1.75f, 2f);
  }

  @Test
  void nearestRepeatsAndPadAddsZeros() {
    NDArray x = manager.create(new float[] {1, 2}, new Shape(1, 1, 1, 2));

    assertThat(Ops.nearest(x, manager.zeros(new Shape(1, 1, 1, 3))).toFloatArray())
        .containsExactly(1f, 1f, 2f);
    assertThat(Ops.padBottomRight(x).toFloatArray()).containsExactly(1f, 2f, 0f, 0f, 0f, 0f);
  }

  @Test
  void gradientsFlowThroughTheBridge() {
    NDArray x = random(1, 3, 8);
    x.setRequiresGradient(true);
    NDArray weight = manager.ones(new Shape(8));

    try (GradientCollector collector = manager.getEngine().newGradientCollector()) {
      collector.backward(Scope.around(() -> Ops.silu(Ops.rmsNorm(x, weight, 1e-6))).sum());
    }

    float[] gradient = x.getGradient().toFloatArray();
    assertThat(gradient[0]).isCloseTo(numericGradient(x, weight), within(2e-3f));
  }

  @Test
  void precisionsConvertThereAndBack() {
    NDArray x = manager.create(new float[] {1, -2.5f, 3.140625f});

    NDArray brain = Precision.BF16.of(x);

    assertThat(Precision.in(brain)).isEqualTo(Precision.BF16);
    assertThat(Precision.FP32.of(brain).toFloatArray()).containsExactly(1, -2.5f, 3.140625f);
    assertThat(Precision.FP16.of(x).getDataType()).isEqualTo(DataType.FLOAT16);
    assertThat(Precision.FP32.of(x)).isSameAs(x);
  }

  private float numericGradient(NDArray x, NDArray weight) {
    float[] values = x.toFloatArray();
    float step = 1e-2f;
    values[0] += step;
    float above = loss(values, x.getShape(), weight);
    values[0] -= 2 * step;
    return (above - loss(values, x.getShape(), weight)) / (2 * step);
  }

  private float loss(float[] values, Shape shape, NDArray weight) {
    return Ops.silu(Ops.rmsNorm(manager.create(values, shape), weight, 1e-6)).sum().getFloat();
  }

  private static NDArray composedAttention(
      NDArray q, NDArray k, NDArray v, int heads, boolean causal) {
    NDArray scores =
        split(q, heads)
            .matMul(split(k, heads).transpose(0, 1, 3, 2))
            .div(Math.sqrt((double) q.getShape().get(2) / heads));
    if (causal) {
      long length = q.getShape().get(1);
      NDArray positions = q.getManager().arange((float) length);
      NDArray future = positions.reshape(1, -1).gt(positions.reshape(-1, 1));
      scores = scores.sub(future.toType(DataType.FLOAT32, false).mul(1e9));
    }
    return scores
        .softmax(-1)
        .matMul(split(v, heads))
        .transpose(0, 2, 1, 3)
        .reshape(q.getShape().get(0), q.getShape().get(1), -1);
  }

  private static NDArray split(NDArray x, int heads) {
    return x.reshape(x.getShape().get(0), x.getShape().get(1), heads, -1).transpose(0, 2, 1, 3);
  }

  private static NDArray silu(NDArray x) {
    return x.div(x.neg().exp().add(1));
  }

  private NDArray random(long... shape) {
    return manager.randomNormal(new Shape(shape));
  }

  private static void assertClose(NDArray actual, NDArray expected) {
    assertThat(actual.getShape()).isEqualTo(expected.getShape());
    assertThat(actual.sub(expected).abs().max().getFloat()).isLessThan(2e-6f);
  }
}
