package io.smartedit.editor.scheduler;

/** The arithmetic behind {@link NoiseSource#seeded}. */
final class SplitMix {

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private SplitMix() {}

  static float[] gaussian(long seed, int index, int count) {
    float[] noise = new float[count];
    long state = mix(mix(seed) + index);
    for (int j = 0; j < count; j += 2) {
      state += GOLDEN_GAMMA;
      double u1 = ((mix(state) >>> 11) + 1) * 0x1p-53;
      state += GOLDEN_GAMMA;
      double u2 = (mix(state) >>> 11) * 0x1p-53;
      double radius = Math.sqrt(-2 * StrictMath.log(u1));
      noise[j] = (float) (radius * StrictMath.cos(2 * Math.PI * u2));
      if (j + 1 < count) {
        noise[j + 1] = (float) (radius * StrictMath.sin(2 * Math.PI * u2));
      }
    }
    return noise;
  }

  private static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
    return b ^ (b >>> 31);
  }
}
