package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class OffsetLedgerTest {

  /** Whatever the order in which records end, nothing open is ever committed. */
  @Property
  void thePositionIsTheFirstOpenRecord(
      @ForAll @Size(max = 40) List<@IntRange(min = 1, max = 3) Integer> gaps, @ForAll long seed) {
    OffsetLedger ledger = new OffsetLedger();
    List<Long> offsets = new ArrayList<>();
    long offset = 100;
    for (int gap : gaps) {
      offset += gap; // compaction and transactions leave gaps
      ledger.take(offset, 1);
      offsets.add(offset);
    }
    Set<Long> open = new HashSet<>(offsets);
    List<Long> order = new ArrayList<>(offsets);
    Collections.shuffle(order, new Random(seed));

    for (long done : order) {
      open.remove(done);
      long expected = open.stream().min(Long::compare).orElse(offsets.get(offsets.size() - 1) + 1);
      assertThat(ledger.positionAfter(Set.of(done))).isEqualTo(expected);
      ledger.complete(done);
      assertThat(ledger.positionAfter(Set.of())).isEqualTo(expected);
      assertThat(ledger.openCount()).isEqualTo(open.size());
    }
  }

  @Test
  void offsetsRise() {
    OffsetLedger ledger = new OffsetLedger();
    ledger.take(5, 1);

    assertThatThrownBy(() -> ledger.take(5, 1)).hasMessageContaining("taken already");
  }

  @Property
  void attemptsComeBackAsTheyWereWritten(
      @ForAll @Size(max = 100)
          Map<@LongRange(min = 0, max = 1L << 50) Long, @IntRange(min = 1, max = 99) Integer>
              attempts) {
    assertThat(Attempts.parse(Attempts.format(attempts))).isEqualTo(new HashMap<>(attempts));
  }

  @Test
  void foreignMetadataIsNoAttempts() {
    assertThat(Attempts.parse("")).isEmpty();
    assertThat(Attempts.parse("hello: world")).isEmpty();
    assertThat(Attempts.parse("1:2,")).isEmpty();
    assertThat(Attempts.parse("99999999999999999999:1")).isEmpty();
  }
}
