package io.smartedit.benchmarks.edits;

import io.smartedit.editor.options.Guidance;

/** What the requests of a mixed load differ in, by their number. */
final class MixedLoad {

  /** Three rows a step. */
  static final Guidance GUIDED = new Guidance(2, 1.2);

  private static final int[] STEPS = {4, 8, 8, 20, 4, 12, 8, 50};
  private static final int GRID = 8;

  private MixedLoad() {}

  static int steps(int number) {
    return STEPS[number % STEPS.length];
  }

  static boolean isGuided(int number) {
    return number % 3 == 2;
  }

  /** Pixels that the working image has more than a usual one along a side. */
  static int larger(int number, int side) {
    return number % 4 == 3 ? side / 2 / GRID * GRID : 0;
  }
}
