package io.smartedit.editor.llama;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.Precision;

/** Rotary position angles of the first T positions as cosines and sines, {@code [T, headWidth]}. */
public record Rope(NDArray cosine, NDArray sine) {

  /** Computed on the host in double precision, then rounded to the given format. */
  public static Rope of(NDManager manager, LlamaConfig config, int length, Precision precision) {
    int width = config.headWidth();
    float[] cosine = new float[length * width];
    float[] sine = new float[length * width];
    for (int t = 0; t < length; t++) {
      for (int i = 0; i < width / 2; i++) {
        // The reference computes frequency and angle in single precision.
        float frequency = (float) (1.0 / Math.pow(config.ropeBase(), 2.0 * i / width));
        float angle = t * frequency;
        int at = t * width + i;
        cosine[at] = cosine[at + width / 2] = (float) Math.cos(angle);
        sine[at] = sine[at + width / 2] = (float) Math.sin(angle);
      }
    }
    Shape shape = new Shape(length, width);
    return new Rope(
        precision.of(manager.create(cosine, shape)), precision.of(manager.create(sine, shape)));
  }

  @Override
  public String toString() {
    return "Rope" + cosine.getShape();
  }
}
