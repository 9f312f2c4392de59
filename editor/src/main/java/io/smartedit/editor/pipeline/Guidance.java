package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import io.smartedit.editor.BadRequestException;

/**
 * Three-way classifier-free guidance (InstructPix2Pix, equation 3).
 *
 * @param text weight of the instruction, the paper's g_t
 * @param image weight of the source image, the paper's g_i
 */
public record Guidance(double text, double image) {

  /** 7.5 and 1.5. */
  public static final Guidance DEFAULT = new Guidance(7.5, 1.5);

  private static final double MAX = 100;

  public Guidance {
    require("guidance", text);
    require("image guidance", image);
  }

  /** Whether the prediction under instruction and image is the whole answer. */
  boolean isPlain() {
    return text == 1 && image == 1;
  }

  /**
   * {@code u + g_t (a - b) + g_i (b - u)}.
   *
   * @param a prediction under instruction and image
   * @param b prediction under image alone
   * @param u prediction under neither
   */
  public NDArray combine(NDArray a, NDArray b, NDArray u) {
    return u.add(a.sub(b).mul(text)).add(b.sub(u).mul(image));
  }

  private static void require(String name, double value) {
    if (!(value >= 0 && value <= MAX)) {
      throw new BadRequestException(name + " is " + value + ", must be from 0 to " + MAX);
    }
  }
}
