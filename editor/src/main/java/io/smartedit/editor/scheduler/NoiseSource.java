package io.smartedit.editor.scheduler;

/**
 * Standard normal noise by index: 0 starts an edit, {@code i + 1} is used in its step {@code i}.
 *
 * <p>A source is a function: the same index gives the same numbers, whenever it is asked.
 */
@FunctionalInterface
public interface NoiseSource {

  float[] gaussian(int index, int count);

  /**
   * The noise of a seed, the same on every machine.
   *
   * <p>Number {@code j} of array {@code index} is made from outputs {@code 2k} and {@code 2k + 1},
   * {@code k = j / 2}, of SplitMix64 (Steele et al., 2014) started at {@code mix(mix(seed) +
   * index)}: their top 53 bits as {@code u1} in (0, 1] and {@code u2} in [0, 1), and Box-Muller,
   * {@code sqrt(-2 ln u1)} times cosine (even j) or sine (odd j) of {@code 2 pi u2}, in strict
   * double precision, rounded to single.
   */
  static NoiseSource seeded(long seed) {
    return (index, count) -> SplitMix.gaussian(seed, index, count);
  }
}
