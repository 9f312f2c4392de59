package io.smartedit.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.image.Bicubic;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.PixelTransform;
import java.util.List;
import java.util.SplittableRandom;

/** Batches of images as the nets want them. */
public final class Images {

  private Images() {}

  /** {@code [B, 3, side, side]}, normalised for the vision encoder. */
  public static NDArray forClip(NDManager manager, List<Image> images, int side) {
    NDList rows = new NDList();
    for (Image image : images) {
      boolean fits = image.width() == side && image.height() == side;
      Image square = fits ? image : Bicubic.resize(image, side, side);
      rows.add(PixelTransform.forClip(manager, square));
    }
    return NDArrays.concat(rows);
  }

  /** {@code [B, 3, H, W]} in [-1, 1]. */
  public static NDArray forDiffusion(NDManager manager, List<Image> images) {
    NDList rows = new NDList();
    images.forEach(image -> rows.add(PixelTransform.forDiffusion(manager, image)));
    return NDArrays.concat(rows);
  }

  /** A square part of an image at a random place. */
  public static Image crop(Image image, int side, SplittableRandom random) {
    int left = random.nextInt(image.width() - side + 1);
    int top = random.nextInt(image.height() - side + 1);
    byte[] rgb = new byte[side * side * 3];
    for (int y = 0; y < side; y++) {
      int from = ((top + y) * image.width() + left) * 3;
      System.arraycopy(image.rgb(), from, rgb, y * side * 3, side * 3);
    }
    return new Image(side, side, rgb);
  }
}
