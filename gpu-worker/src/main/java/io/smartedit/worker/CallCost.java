package io.smartedit.worker;

import java.util.OptionalDouble;

/**
 * What a denoising call takes: so much however many rows it has, and so much a row. A straight line
 * through the calls so far, in which older ones count ever less. Not thread-safe.
 */
final class CallCost {

  /** What a call counts after the next one. */
  private static final double KEPT = 0.98;

  /** Of the rows; through calls that are all of one size there is no line. */
  private static final double LEAST_VARIANCE = 0.2;

  /** A call that takes so many times what is expected was disturbed ... */
  private static final double DISTURBED = 4;

  /** ... unless so many in a row do: then it is the device that has changed. */
  private static final int BELIEVED = 8;

  private double calls;
  private double rows;
  private double nanos;
  private double squares;
  private double products;
  private int disturbed;

  void add(int callRows, double callNanos) {
    OptionalDouble expected = expected(callRows);
    if (expected.isPresent() && callNanos > DISTURBED * expected.getAsDouble()) {
      disturbed++;
      if (disturbed < BELIEVED) {
        return;
      }
      calls = rows = nanos = squares = products = 0;
    }
    disturbed = 0;
    calls = KEPT * calls + 1;
    rows = KEPT * rows + callRows;
    nanos = KEPT * nanos + callNanos;
    squares = KEPT * squares + (double) callRows * callRows;
    products = KEPT * products + callRows * callNanos;
  }

  private OptionalDouble expected(int callRows) {
    double slope = slope();
    return slope > 0 && calls >= BELIEVED
        ? OptionalDouble.of(Math.max(slope * callRows, fixed(slope) + slope * callRows))
        : OptionalDouble.empty();
  }

  /**
   * Rows at which what a call costs beside them is this share of what they cost; none while that is
   * not known.
   */
  OptionalDouble rowsFor(double share) {
    double slope = slope();
    return slope > 0
        ? OptionalDouble.of(Math.max(0, fixed(slope)) / (share * slope))
        : OptionalDouble.empty();
  }

  /** Not above 0 where there is no line. */
  private double slope() {
    if (calls == 0 || squares / calls - rows * rows / (calls * calls) < LEAST_VARIANCE) {
      return 0;
    }
    return (calls * products - rows * nanos) / (calls * squares - rows * rows);
  }

  private double fixed(double slope) {
    return (nanos - slope * rows) / calls;
  }
}
