package io.smartedit.evaluation;

import java.io.IOException;
import java.util.List;

/** Samples in a fixed order, made or read one at a time. */
public interface SampleSet {

  /** How many there are. */
  int size();

  /**
   * The sample at a place counted from 0; the same every time.
   *
   * @param side the working size of the model that is judged, in pixels
   * @throws IOException if a file cannot be read
   */
  Sample get(int index, int side) throws IOException;

  /** Several sets, one after the other. */
  static SampleSet concat(List<SampleSet> sets) {
    return new SampleSet() {
      @Override
      public int size() {
        return sets.stream().mapToInt(SampleSet::size).sum();
      }

      @Override
      public Sample get(int index, int side) throws IOException {
        int at = index;
        for (SampleSet set : sets) {
          if (at < set.size()) {
            return set.get(at, side);
          }
          at -= set.size();
        }
        throw new IndexOutOfBoundsException(index);
      }
    };
  }
}
