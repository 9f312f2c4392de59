package io.smartedit.evaluation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.checkpoint.CheckpointException;
import io.smartedit.editor.checkpoint.TensorFile;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.PixelTransform;
import io.smartedit.editor.nn.LayerNorm;
import io.smartedit.editor.nn.Linear;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Weights;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How alike two images are to DINO's vision transformer (Caron et al., 2021): the cosine of its
 * class tokens. Used from one thread.
 */
final class Dino implements AutoCloseable {

  // ImageNet's, as torchvision has them.
  private static final double[] MEAN = {0.485, 0.456, 0.406};
  private static final double[] STD = {0.229, 0.224, 0.225};
  private static final double SCALED = 256.0 / 224;
  private static final double EPSILON = 1e-6;
  private static final int HEAD_WIDTH = 64;

  private final NDManager manager;
  private final NDArray kernel;
  private final NDArray kernelBias;
  private final NDArray classToken;
  private final NDArray positions;
  private final List<Block> blocks = new ArrayList<>();
  private final LayerNorm norm;
  private final int patch;
  private final int side;

  private record Block(
      LayerNorm norm1,
      Linear queryKeyValue,
      Linear out,
      LayerNorm norm2,
      Linear expand,
      Linear contract) {

    private static Block load(Weights weights, int width) {
      return new Block(
          LayerNorm.load(weights.at("norm1"), width, EPSILON),
          Linear.load(weights.at("attn").at("qkv"), width, 3L * width),
          Linear.load(weights.at("attn").at("proj"), width, width),
          LayerNorm.load(weights.at("norm2"), width, EPSILON),
          Linear.load(weights.at("mlp").at("fc1"), width, 4L * width),
          Linear.load(weights.at("mlp").at("fc2"), 4L * width, width));
    }

    private NDArray forward(NDArray x) {
      int width = Math.toIntExact(x.getShape().get(2));
      NDArray all = queryKeyValue.forward(norm1.forward(x));
      NDArray attended =
          Ops.attention(
              all.get(":, :, :" + width),
              all.get(":, :, " + width + ":" + 2 * width),
              all.get(":, :, " + 2 * width + ":"),
              width / HEAD_WIDTH);
      NDArray seen = x.add(out.forward(attended));
      return seen.add(contract.forward(Ops.gelu(expand.forward(norm2.forward(seen)))));
    }
  }

  private Dino(TensorFile file, NDManager manager) {
    this.manager = manager;
    Shape shape = file.shape("patch_embed.proj.weight");
    int width = Math.toIntExact(shape.get(0));
    patch = Math.toIntExact(shape.get(2));
    int cells = Math.toIntExact(file.shape("pos_embed").get(1) - 1);
    side = patch * (int) Math.round(Math.sqrt(cells));
    Weights weights = Weights.of(file, manager, Precision.FP32);
    kernel = weights.at("patch_embed").at("proj").get("weight", width, 3, patch, patch);
    kernelBias = weights.at("patch_embed").at("proj").get("bias", width);
    classToken = weights.get("cls_token", 1, 1, width);
    positions = weights.get("pos_embed", 1, cells + 1L, width);
    for (int i = 0; file.names().contains("blocks." + i + ".norm1.weight"); i++) {
      blocks.add(Block.load(weights.at("blocks").at(i), width));
    }
    norm = LayerNorm.load(weights.at("norm"), width, EPSILON);
  }

  /**
   * Loads {@code dino_deitsmall16_pretrain.pth} or its tensors as safetensors; MagicBrush measures
   * with these. Other sizes have the same names.
   *
   * @throws CheckpointException if the file is damaged or of another net
   * @throws io.smartedit.editor.nn.WeightsException naming a tensor that is missing or of another
   *     shape
   */
  static Dino load(Path path) {
    NDManager manager = NDManager.newBaseManager("PyTorch");
    try (TensorFile file = TensorFile.open(path)) {
      for (String name : List.of("patch_embed.proj.weight", "pos_embed")) {
        if (!file.names().contains(name)) {
          throw new CheckpointException(path + ": no " + name + " there; not a DINO transformer");
        }
      }
      return new Dino(file, manager);
    } catch (RuntimeException e) {
      manager.close();
      throw e;
    }
  }

  /** From -1 to 1, 1 for equal images; their sizes may differ. */
  double similarity(Image a, Image b) {
    try (NDManager scratch = manager.newSubManager()) {
      return Metrics.cosine(state(scratch, a), state(scratch, b));
    }
  }

  /** The class token's last state, {@code [1, C]}. */
  private NDArray state(NDManager scratch, Image image) {
    int scaled = (int) Math.round(side * SCALED);
    Image centre = Metrics.centre(image, scaled, side, Math::rint);
    NDArray pixels = PixelTransform.normalised(scratch, centre, MEAN, STD);
    NDArray patches = Ops.conv2d(pixels, kernel, kernelBias, patch, 0);
    long width = patches.getShape().get(1);
    NDArray x = patches.reshape(1, width, -1).transpose(0, 2, 1);
    // Added to zeros of the scratch manager: weights never stand on the left.
    x = scratch.zeros(new Shape(1, 1, width)).add(classToken).concat(x, 1).add(positions);
    for (Block block : blocks) {
      x = block.forward(x);
    }
    return norm.forward(x).get(":, 0");
  }

  @Override
  public void close() {
    manager.close();
  }
}
