package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class BatchLimitTest {

  private static final String KIND = "64x64";
  private static final double MILLISECOND = 1e6;

  private final Random random = new Random(1);
  private long free = Long.MAX_VALUE / 4;
  private final BatchLimit limit = BatchLimit.measured(16, () -> free);

  @Test
  void aNumberThatWasChosenStays() {
    BatchLimit chosen = BatchLimit.fixed(3);
    for (int i = 0; i < 100; i++) {
      assertThat(chosen.next(KIND)).isEqualTo(3);
      chosen.called(KIND, 3, 3, 1 + i);
    }
    assertThat(chosen.of("another")).isEqualTo(3);
  }

  @Test
  void whereRowsAreAllThatCostsFewShareACall() {
    work(200, 0, 10);

    assertThat(limit.of(KIND)).isEqualTo(2);
    assertThat(limit.last()).isEqualTo(2);
  }

  @Test
  void whereACallCostsMuchBesideItsRowsManyShareIt() {
    work(400, 20, 2);

    assertThat(limit.of(KIND)).isEqualTo(16);
    assertThat(limit.of("another")).as("of which nothing is known").isEqualTo(4);
  }

  @Test
  void guidedEditsFillACallSooner() {
    work(400, 10, 10, 1);
    int plain = limit.of(KIND);
    for (int i = 0; i < 400; i++) {
      int edits = limit.next("guided");
      call("guided", edits, 3 * edits, 10, 10);
    }

    assertThat(plain).isEqualTo(10);
    assertThat(limit.of("guided")).isBetween(3, 4);
  }

  @Test
  void itGrowsByDoublingAndOnlyWhileMemoryIsLeft() {
    free = 100;
    int largest = 0;
    for (int i = 0; i < 400; i++) {
      int edits = limit.next(KIND);
      assertThat(edits).isLessThanOrEqualTo(Math.max(4, 2 * largest));
      largest = Math.max(largest, edits);
      free = Math.min(free, 100 - 10 * edits);
      call(KIND, edits, edits, 20, 2);
    }

    assertThat(limit.of(KIND)).as("8 took most of it").isEqualTo(8);
  }

  @Test
  void whatDoesNotFitIsNotTriedAgain() {
    work(400, 20, 2);

    limit.outOfMemory(KIND, 12);
    work(400, 20, 2);

    assertThat(limit.of(KIND)).isEqualTo(6);
    limit.outOfMemory(KIND, 1);
    assertThat(limit.of(KIND)).isEqualTo(1);
  }

  @Test
  void aDisturbedCallChangesNothingAndAnotherPaceIsFound() {
    work(400, 5, 10);
    int before = limit.of(KIND);
    limit.called(KIND, before, before, Math.round(1e6 * MILLISECOND));
    assertThat(limit.of(KIND)).isEqualTo(before);

    work(600, 500, 50);

    assertThat(limit.of(KIND)).isEqualTo(16);
  }

  /** Whatever calls take: within its bounds, and at most a tenth beside the rows where it can. */
  @Property(tries = 200)
  void itIsTheSmallestThatIsAlmostAllRows(
      @ForAll @DoubleRange(min = 0, max = 50) double beside,
      @ForAll @DoubleRange(min = 0.5, max = 50) double row,
      @ForAll @IntRange(min = 1, max = 64) int most,
      @ForAll @DoubleRange(min = 0, max = 0.02) double noise) {
    BatchLimit found = BatchLimit.measured(most, () -> Long.MAX_VALUE / 4);
    for (int i = 0; i < 1000; i++) {
      int edits = found.next(KIND);
      assertThat(edits).isBetween(1, most);
      double nanos = MILLISECOND * (beside + row * edits) * (1 + noise * random.nextDouble());
      found.called(KIND, edits, edits, Math.round(nanos));
    }

    double ideal = beside / (0.1 * row);
    assertThat((double) found.of(KIND))
        .isBetween(
            Math.min(most, Math.max(Math.min(2, most), 0.5 * ideal - 3)),
            Math.min(most, Math.max(2, Math.ceil(1.5 * ideal) + 4)));
  }

  @Test
  void whatIsNoNumberIsRefused() {
    assertThat(BatchChoice.read("auto").within(6)).isEqualTo(new BatchChoice(6, true));
    assertThat(BatchChoice.read(" 64 ")).isEqualTo(new BatchChoice(64, false));
    for (String text : new String[] {"", "0", "65", "Auto?", "4.5", "99999999999"}) {
      assertThatThrownBy(() -> BatchChoice.read(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("must be auto or a whole number from 1 to 64");
    }
  }

  private void work(int calls, double beside, double row) {
    work(calls, beside, row, 1);
  }

  private void work(int calls, double beside, double row, int rowsOfEdit) {
    for (int i = 0; i < calls; i++) {
      int edits = limit.next(KIND);
      call(KIND, edits, rowsOfEdit * edits, beside, row);
    }
  }

  private void call(String kind, int edits, int rows, double beside, double row) {
    limit.called(kind, edits, rows, Math.round(MILLISECOND * (beside + row * rows)));
  }
}
