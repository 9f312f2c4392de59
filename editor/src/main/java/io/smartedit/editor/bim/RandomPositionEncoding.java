package io.smartedit.editor.bim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.Weights;

/** Random Fourier features of grid positions (Tancik et al., 2020, as in Segment Anything). */
record RandomPositionEncoding(NDArray gaussian) {

  static RandomPositionEncoding load(Weights weights, int width) {
    return new RandomPositionEncoding(
        weights.get("positional_encoding_gaussian_matrix", 2, width / 2));
  }

  /**
   * Codes of the cells of a square grid, row by row.
   *
   * @param features {@code [B, side * side, C]}; single precision; says the side and the manager
   * @return {@code [side * side, C]}: sines, then cosines
   */
  NDArray forward(NDArray features) {
    int cells = Math.toIntExact(features.getShape().get(1));
    int side = side(features);
    float[] centres = new float[2 * cells];
    for (int i = 0; i < cells; i++) {
      int column = i % side;
      int row = i / side;
      centres[2 * i] = 2 * ((column + 0.5f) / side) - 1; // x first
      centres[2 * i + 1] = 2 * ((row + 0.5f) / side) - 1;
    }
    NDArray angles =
        features
            .getManager()
            .create(centres, new Shape(cells, 2))
            .matMul(gaussian)
            .mul(2 * Math.PI);
    return angles.sin().concat(angles.cos(), 1);
  }

  /** Side of the square grid whose cells are {@code [B, side * side, C]}. */
  static int side(NDArray cells) {
    return (int) Math.round(Math.sqrt((double) cells.getShape().get(1)));
  }

  @Override
  public String toString() {
    return "RandomPositionEncoding" + gaussian.getShape();
  }
}
