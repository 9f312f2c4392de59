package io.smartedit.editor.clip;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.LayerNorm;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Scope;
import io.smartedit.editor.nn.Weights;
import java.util.ArrayList;
import java.util.List;

/**
 * CLIP's vision tower up to the layer before the last, which is what LLaVA and SmartEdit read; the
 * last layer is never loaded.
 */
public record VisionEncoder(
    NDArray patchKernel,
    NDArray zeroBias,
    NDArray classEmbedding,
    NDArray positions,
    LayerNorm preNorm,
    List<ClipLayer> layers,
    int imageSize,
    int patch) {

  /**
   * Loads {@code vision_model.*}.
   *
   * @param imageSize side of the square image, in pixels
   * @param patch side of a patch, in pixels
   */
  public static VisionEncoder load(Weights weights, ClipConfig config, int imageSize, int patch) {
    int kept = config.layers() - 1;
    VisionEncoder encoder = load(weights, config, kept, imageSize, patch);
    weights.ignore(
        name ->
            name.startsWith("vision_model.encoder.layers." + kept + ".")
                || name.startsWith("vision_model.post_layernorm.")
                || name.equals("vision_model.embeddings.position_ids")
                || !name.startsWith("vision_model."));
    return encoder;
  }

  /** As {@link #load}, the last layer too: for those who score with CLIP. */
  public static VisionEncoder loadWhole(
      Weights weights, ClipConfig config, int imageSize, int patch) {
    return load(weights, config, config.layers(), imageSize, patch);
  }

  private static VisionEncoder load(
      Weights weights, ClipConfig config, int kept, int imageSize, int patch) {
    Weights vision = weights.at("vision_model");
    Weights embeddings = vision.at("embeddings");
    long side = imageSize / patch;
    List<ClipLayer> layers = new ArrayList<>(kept);
    for (int i = 0; i < kept; i++) {
      layers.add(ClipLayer.load(vision.at("encoder").at("layers").at(i), config));
    }
    NDArray kernel =
        embeddings.at("patch_embedding").get("weight", config.width(), 3, patch, patch);
    return new VisionEncoder(
        kernel,
        Precision.in(kernel).zeros(kernel.getManager(), new Shape(config.width())),
        embeddings.get("class_embedding", config.width()),
        embeddings.at("position_embedding").get("weight", side * side + 1, config.width()),
        LayerNorm.load(vision.at("pre_layrnorm"), config.width(), config.epsilon()),
        layers,
        imageSize,
        patch);
  }

  /** Patches along one side. */
  public int side() {
    return imageSize / patch;
  }

  /**
   * @param pixels normalised {@code [B, 3, imageSize, imageSize]}
   * @return patch features without the class token, {@code [B, side * side, C]}
   */
  public NDArray forward(NDArray pixels) {
    return Scope.around(() -> states(pixels).get(":, 1:"));
  }

  /** States of the class token and of all patches, {@code [B, 1 + side * side, C]}. */
  public NDArray states(NDArray pixels) {
    return Scope.around(
        () -> {
          long batch = pixels.getShape().get(0);
          long width = classEmbedding.getShape().get(0);
          NDArray patches =
              Ops.conv2d(pixels, patchKernel, zeroBias, patch, 0)
                  .reshape(batch, width, -1)
                  .transpose(0, 2, 1);
          // Added to zeros of the request's manager: weights never stand on the left.
          NDArray first =
              Precision.in(pixels)
                  .zeros(pixels.getManager(), new Shape(batch, 1, width))
                  .add(classEmbedding);
          NDArray x = preNorm.forward(first.concat(patches, 1).add(positions));
          for (ClipLayer layer : layers) {
            x = layer.forward(x, false);
          }
          return x;
        });
  }

  @Override
  public String toString() {
    return "VisionEncoder" + patchKernel.getShape() + " x " + layers.size();
  }
}
