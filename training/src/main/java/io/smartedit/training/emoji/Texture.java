package io.smartedit.training.emoji;

import java.util.SplittableRandom;

/**
 * A surface as photographs have behind their objects, computed at any place, so that it needs no
 * images and no licence.
 *
 * @param seed two of one material and seed are alike
 */
record Texture(Material material, long seed) implements Shade {

  enum Material {
    PLASTER,
    GRAIN,
    WOOD,
    MARBLE,
    FABRIC,
    BRICK,
    TILES,
    BOKEH
  }

  private static final double BRICK_WIDTH = 13;
  private static final double BRICK_HEIGHT = 6;
  private static final double MORTAR = 0.9;
  private static final double TILE = 11;
  private static final double LIGHTS_APART = 15;

  static Texture random(SplittableRandom random) {
    Material[] materials = Material.values();
    return new Texture(materials[random.nextInt(materials.length)], random.nextLong());
  }

  @Override
  public double at(float x, float y) {
    double share =
        switch (material) {
          case PLASTER -> clouds(x / 14, y / 14);
          case GRAIN -> 0.3 + 0.4 * noise(x / 1.5, y / 1.5);
          case WOOD -> wood(x, y);
          case MARBLE -> 0.5 + 0.5 * Math.sin(x / 7 + 6 * clouds(x / 18, y / 18));
          case FABRIC -> 0.5 + 0.2 * Math.sin(2.1 * x) + 0.2 * Math.sin(2.1 * y);
          case BRICK -> brick(x, y);
          case TILES -> tiles(x, y);
          case BOKEH -> bokeh(x, y);
        };
    return Math.max(0, Math.min(1, share));
  }

  /** Rings that wind, and fibres along them. */
  private double wood(float x, float y) {
    double ring = y / 7 + 2 * clouds(x / 40, y / 12);
    return 0.8 * (ring - Math.floor(ring)) + 0.2 * noise(x / 9, y / 0.9);
  }

  private double brick(float x, float y) {
    long row = (long) Math.floor(y / BRICK_HEIGHT);
    double along = x + (row % 2 == 0 ? 0 : BRICK_WIDTH / 2);
    long column = (long) Math.floor(along / BRICK_WIDTH);
    boolean mortar = y - row * BRICK_HEIGHT < MORTAR || along - column * BRICK_WIDTH < MORTAR;
    return mortar ? 1 : 0.5 * hash(column, row) + 0.15 * noise(x / 2, y / 2);
  }

  private double tiles(float x, float y) {
    long column = (long) Math.floor(x / TILE);
    long row = (long) Math.floor(y / TILE);
    return Math.floorMod(column + row, 2) * 0.7 + 0.25 * clouds(x / 10, y / 10);
  }

  /** Lights out of focus. */
  private double bokeh(float x, float y) {
    double share = 0.15 * clouds(x / 30, y / 30);
    long column = (long) Math.floor(x / LIGHTS_APART);
    long row = (long) Math.floor(y / LIGHTS_APART);
    for (long i = column - 1; i <= column + 1; i++) {
      for (long j = row - 1; j <= row + 1; j++) {
        double middle = (i + hash(3 * i, j)) * LIGHTS_APART;
        double level = (j + hash(3 * i + 1, j)) * LIGHTS_APART;
        double radius = 3 + 5 * hash(3 * i + 2, j);
        double inside = Math.max(0, Math.min(1, radius - Math.hypot(x - middle, y - level)));
        share += 0.45 * inside;
      }
    }
    return share;
  }

  /** Three octaves of noise, from 0 to 1. */
  private double clouds(double x, double y) {
    return (4 * noise(x, y) + 2 * noise(2 * x, 2 * y) + noise(4 * x, 4 * y)) / 7;
  }

  /** Smooth between random values at whole numbers, from 0 to 1. */
  private double noise(double x, double y) {
    long column = (long) Math.floor(x);
    long row = (long) Math.floor(y);
    double right = eased(x - column);
    double down = eased(y - row);
    double above = between(hash(column, row), hash(column + 1, row), right);
    double below = between(hash(column, row + 1), hash(column + 1, row + 1), right);
    return between(above, below, down);
  }

  private static double eased(double share) {
    return share * share * (3 - 2 * share);
  }

  private static double between(double from, double to, double share) {
    return from + (to - from) * share;
  }

  private double hash(long column, long row) {
    long a = (seed ^ column * 0x9E3779B97F4A7C15L ^ Long.rotateLeft(row * 0xC2B2AE3D27D4EB4FL, 31));
    long b = (a ^ (a >>> 30)) * 0xBF58476D1CE4E5B9L;
    long c = (b ^ (b >>> 27)) * 0x94D049BB133111EBL;
    return ((c ^ (c >>> 31)) >>> 11) * 0x1.0p-53;
  }
}
