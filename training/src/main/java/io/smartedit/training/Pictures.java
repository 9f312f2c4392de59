package io.smartedit.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.smartedit.image.Bicubic;
import io.smartedit.image.Picture;
import io.smartedit.image.PixelTransform;
import java.util.List;
import java.util.SplittableRandom;

/** Batches of pictures as the nets want them. */
public final class Pictures {

  private Pictures() {}

  /** {@code [B, 3, side, side]}, normalised for the vision encoder. */
  public static NDArray forClip(NDManager manager, List<Picture> pictures, int side) {
    NDList rows = new NDList();
    for (Picture picture : pictures) {
      boolean fits = picture.width() == side && picture.height() == side;
      Picture square = fits ? picture : Bicubic.resize(picture, side, side);
      rows.add(PixelTransform.forClip(manager, square));
    }
    return NDArrays.concat(rows);
  }

  /** {@code [B, 3, H, W]} in [-1, 1]. */
  public static NDArray forDiffusion(NDManager manager, List<Picture> pictures) {
    NDList rows = new NDList();
    pictures.forEach(picture -> rows.add(PixelTransform.forDiffusion(manager, picture)));
    return NDArrays.concat(rows);
  }

  /** A square part of a picture at a random place. */
  public static Picture crop(Picture picture, int side, SplittableRandom random) {
    int left = random.nextInt(picture.width() - side + 1);
    int top = random.nextInt(picture.height() - side + 1);
    byte[] rgb = new byte[side * side * 3];
    for (int y = 0; y < side; y++) {
      int from = ((top + y) * picture.width() + left) * 3;
      System.arraycopy(picture.rgb(), from, rgb, y * side * 3, side * 3);
    }
    return new Picture(side, side, rgb);
  }
}
