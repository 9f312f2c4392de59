package io.smartedit.training.emoji;

import java.util.SplittableRandom;

/**
 * What a scene stands before: two colours, a pattern or a texture made of them, and perhaps a
 * mirror.
 *
 * @param near and {@code far} RGB in 0..1
 * @param mirror column of the mirror's left edge, or -1 for none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Backdrop(Shade shade, float[] near, float[] far, int mirror) {

  /** Width of the mirror with its frame, in pixels. */
  static final int MIRROR_WIDTH = 30;

  private static final int FRAME = 2;
  private static final int HORIZON_ROW = Scene.SIDE * 5 / 8;
  private static final float[] FRAME_COLOUR = {0.45f, 0.3f, 0.15f};
  private static final float[] GLASS = {0.78f, 0.88f, 0.93f};

  enum Pattern implements Shade {
    PLAIN,
    DOWNWARD,
    SIDEWAYS,
    HORIZON,
    STRIPES,
    ROUND;

    @Override
    public double at(float x, float y) {
      int side = Scene.SIDE;
      return switch (this) {
        case PLAIN -> 0;
        case DOWNWARD -> (double) y / side;
        case SIDEWAYS -> (double) x / side;
        case HORIZON -> y < HORIZON_ROW ? 0 : 1;
        case STRIPES -> (int) (x + y) / 8 % 2 * 0.4;
        case ROUND -> Math.min(1, Math.hypot(x - side / 2.0, y - side / 2.0) / (side * 0.7));
      };
    }
  }

  static Backdrop random(SplittableRandom random, int mirror) {
    Pattern[] patterns = Pattern.values();
    float[] near = colour(random);
    float[] far = new float[3];
    for (int c = 0; c < 3; c++) {
      far[c] = Math.min(1, Math.max(0, near[c] + (float) random.nextDouble(-0.3, 0.3)));
    }
    return new Backdrop(patterns[random.nextInt(patterns.length)], near, far, mirror);
  }

  /** Three times in four a texture in the pattern's place, of the same colours. */
  Backdrop perhapsTextured(SplittableRandom random) {
    return random.nextInt(4) == 0 ? this : new Backdrop(Texture.random(random), near, far, mirror);
  }

  private static float[] colour(SplittableRandom random) {
    float grey = (float) random.nextDouble(0.25, 0.95);
    float[] colour = new float[3];
    for (int c = 0; c < 3; c++) {
      colour[c] = Math.min(1, Math.max(0, grey + (float) random.nextDouble(-0.25, 0.25)));
    }
    return colour;
  }

  /**
   * Puts the colour of a place into an array.
   *
   * @param x and {@code y} in pixels of a {@link Scene#SIDE} square
   */
  void colour(float x, float y, float[] rgb, int at) {
    int side = Scene.SIDE;
    if (mirror >= 0 && x >= mirror && x < mirror + MIRROR_WIDTH && y >= 4 && y < side - 4) {
      boolean frame =
          x < mirror + FRAME
              || x >= mirror + MIRROR_WIDTH - FRAME
              || y < 4 + FRAME
              || y >= side - 4 - FRAME;
      for (int c = 0; c < 3; c++) {
        rgb[at + c] = frame ? FRAME_COLOUR[c] : GLASS[c] - 0.1f * (y - 4) / side;
      }
      return;
    }
    double share = shade.at(x, y);
    for (int c = 0; c < 3; c++) {
      rgb[at + c] = (float) (near[c] + (far[c] - near[c]) * share);
    }
  }
}
