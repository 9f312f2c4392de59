package io.smartedit.evaluation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.checkpoint.TensorFile;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.PixelTransform;
import io.smartedit.editor.nn.Conv2d;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * LPIPS (Zhang et al., 2018) on SqueezeNet 1.1, as SmartEdit's paper measures it.
 *
 * <p>One file holds torchvision's {@code features.*} of squeezenet1_1 and LPIPS's {@code
 * lin*.model.1.weight}. Used from one thread.
 */
final class Lpips implements AutoCloseable {

  private static final float[] SHIFT = {-.030f, -.088f, -.188f};
  private static final float[] SCALE = {.458f, .448f, .450f};
  private static final double EPSILON = 1e-8;
  private static final int SMALLEST = 32;

  private final NDManager manager;
  private final Conv2d first;
  private final List<Fire> fires = new ArrayList<>();
  private final List<NDArray> weights = new ArrayList<>();

  /** A module of SqueezeNet, with what stands before it and whether its output is compared. */
  private record Fire(Conv2d squeeze, Conv2d narrow, Conv2d wide, boolean pooled, boolean told) {

    private static Fire load(Weights weights, int in, int out, boolean pooled, boolean told) {
      int squeezed = out / 8;
      return new Fire(
          Conv2d.load1x1(weights.at("squeeze"), in, squeezed),
          Conv2d.load1x1(weights.at("expand1x1"), squeezed, out / 2),
          Conv2d.load3x3(weights.at("expand3x3"), squeezed, out / 2),
          pooled,
          told);
    }

    private NDArray forward(NDArray x) {
      NDArray in = pooled ? pool(x) : x;
      NDArray squeezed = Ops.relu(squeeze.forward(in));
      return Ops.relu(narrow.forward(squeezed).concat(wide.forward(squeezed), 1));
    }
  }

  private Lpips(Weights all, NDManager manager) {
    this.manager = manager;
    Weights features = all.at("features");
    first = Conv2d.load(features.at(0), 3, 64, 3, 2, 0);
    fires.add(Fire.load(features.at(3), 64, 128, true, false));
    fires.add(Fire.load(features.at(4), 128, 128, false, true));
    fires.add(Fire.load(features.at(6), 128, 256, true, false));
    fires.add(Fire.load(features.at(7), 256, 256, false, true));
    fires.add(Fire.load(features.at(9), 256, 384, true, true));
    fires.add(Fire.load(features.at(10), 384, 384, false, true));
    fires.add(Fire.load(features.at(11), 384, 512, false, true));
    fires.add(Fire.load(features.at(12), 512, 512, false, true));
    int[] widths = {64, 128, 256, 384, 384, 512, 512};
    for (int i = 0; i < widths.length; i++) {
      weights.add(all.at("lin" + i).at("model").at(1).get("weight", 1, widths[i], 1, 1));
    }
  }

  /**
   * Loads the weights.
   *
   * @throws io.smartedit.editor.nn.WeightsException naming a tensor that is missing or of another
   *     shape
   * @throws io.smartedit.editor.checkpoint.CheckpointException if the file is damaged
   */
  static Lpips load(Path file) {
    NDManager manager = NDManager.newBaseManager("PyTorch");
    try (TensorFile tensors = TensorFile.open(file)) {
      return new Lpips(Weights.of(tensors, manager, Precision.FP32), manager);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /**
   * The distance of two images of one size, 0 for equal ones.
   *
   * @return not a number where a side is under 32 pixels, too small for the net
   */
  double distance(Image a, Image b) {
    if (Math.min(a.width(), a.height()) < SMALLEST) {
      return Double.NaN;
    }
    try (NDManager scratch = manager.newSubManager()) {
      List<NDArray> one = outputs(input(scratch, a));
      List<NDArray> other = outputs(input(scratch, b));
      double sum = 0;
      for (int i = 0; i < weights.size(); i++) {
        NDArray difference = unit(one.get(i)).sub(unit(other.get(i))).square();
        sum += difference.mul(weights.get(i)).sum(new int[] {1}).mean().getFloat();
      }
      return sum;
    }
  }

  private static NDArray input(NDManager scratch, Image image) {
    NDArray shift = scratch.create(SHIFT, new Shape(1, 3, 1, 1));
    NDArray scale = scratch.create(SCALE, new Shape(1, 3, 1, 1));
    return PixelTransform.forDiffusion(scratch, image).sub(shift).div(scale);
  }

  private List<NDArray> outputs(NDArray input) {
    List<NDArray> outputs = new ArrayList<>();
    NDArray x = Ops.relu(first.forward(input));
    outputs.add(x);
    for (Fire fire : fires) {
      x = fire.forward(x);
      if (fire.told) {
        outputs.add(x);
      }
    }
    return outputs;
  }

  private static NDArray pool(NDArray x) {
    return Ops.maxPool(x, 3, 2);
  }

  /** Every cell's channels as a vector of length 1. */
  private static NDArray unit(NDArray x) {
    return x.div(x.square().sum(new int[] {1}, true).add(EPSILON).sqrt());
  }

  @Override
  public void close() {
    manager.close();
  }
}
