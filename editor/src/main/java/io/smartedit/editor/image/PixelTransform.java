package io.smartedit.editor.image;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;

/** Images to normalised tensors and back. */
public final class PixelTransform {

  // https://github.com/openai/CLIP, clip.py, _transform
  private static final double[] CLIP_MEAN = {0.48145466, 0.4578275, 0.40821073};
  private static final double[] CLIP_STD = {0.26862954, 0.26130258, 0.27577711};
  private static final double[] DIFFUSION_MEAN = {0.5, 0.5, 0.5};
  private static final double[] DIFFUSION_STD = {0.5, 0.5, 0.5};

  private PixelTransform() {}

  /** Single precision {@code [1, 3, height, width]}, normalised as CLIP was trained. */
  public static NDArray forClip(NDManager manager, Image image) {
    return normalised(manager, image, CLIP_MEAN, CLIP_STD);
  }

  /** Single precision {@code [1, 3, height, width]} in [-1, 1]. */
  public static NDArray forDiffusion(NDManager manager, Image image) {
    return normalised(manager, image, DIFFUSION_MEAN, DIFFUSION_STD);
  }

  /**
   * The image of decoded pixels around [-1, 1], {@code [1, 3, height, width]}.
   *
   * @throws NotANumberException if they are not
   */
  public static Image fromDiffusion(NDArray pixels) {
    Shape shape = pixels.getShape();
    int height = (int) shape.get(2);
    int width = (int) shape.get(3);
    float[] values = pixels.toType(DataType.FLOAT32, false).toFloatArray();
    requireFinite("decoded image", values);
    byte[] rgb = new byte[3 * width * height];
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < width * height; i++) {
        float unit = Math.max(0, Math.min(1, values[c * width * height + i] / 2 + 0.5f));
        rgb[3 * i + c] = (byte) Math.round(unit * 255);
      }
    }
    return new Image(width, height, rgb);
  }

  /** Refuses infinities and what is not a number: as pixels they would be black or white. */
  public static void requireFinite(String where, float[] values) {
    long bad = 0;
    for (float value : values) {
      bad += Float.isFinite(value) ? 0 : 1;
    }
    if (bad > 0) {
      throw new NotANumberException(where, bad, values.length);
    }
  }

  /**
   * Single precision {@code [1, 3, height, width]}, normalised as a net was trained.
   *
   * @param mean of red, green and blue, from 0 to 1
   * @param std their standard deviations
   */
  public static NDArray normalised(NDManager manager, Image image, double[] mean, double[] std) {
    int cells = image.width() * image.height();
    float[] values = new float[3 * cells];
    byte[] rgb = image.rgb();
    for (int c = 0; c < 3; c++) {
      for (int i = 0; i < cells; i++) {
        values[c * cells + i] = (float) (((rgb[3 * i + c] & 0xFF) / 255.0 - mean[c]) / std[c]);
      }
    }
    return manager.create(values, new Shape(1, 3, image.height(), image.width()));
  }
}
