package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.worker.CommitMetadata.Note;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;

final class OffsetLedgerTest {

  /** Whatever the order in which records end, nothing open is ever committed. */
  @Property(tries = 200)
  void thePositionIsTheFirstOpenRecord(
      @ForAll @Size(max = 40) List<@IntRange(min = 1, max = 3) Integer> gaps, @ForAll long seed) {
    OffsetLedger ledger = new OffsetLedger(CommitMetadata.NONE);
    List<Long> offsets = new ArrayList<>();
    long offset = 100;
    for (int gap : gaps) {
      offset += gap; // compaction and transactions leave gaps
      ledger.take(offset);
      offsets.add(offset);
    }
    Set<Long> open = new HashSet<>(offsets);
    List<Long> order = new ArrayList<>(offsets);
    Collections.shuffle(order, new Random(seed));

    for (long done : order) {
      open.remove(done);
      long expected = open.stream().min(Long::compare).orElse(offsets.get(offsets.size() - 1) + 1);
      assertThat(ledger.commitAfter(Set.of(done)).offset()).isEqualTo(expected);
      ledger.complete(done);
      assertThat(ledger.commitAfter(Set.of()).offset()).isEqualTo(expected);
      assertThat(ledger.openCount()).isEqualTo(open.size());
    }
  }

  @Test
  void offsetsRise() {
    OffsetLedger ledger = new OffsetLedger(CommitMetadata.NONE);
    ledger.take(5);

    assertThatThrownBy(() -> ledger.take(5)).hasMessageContaining("taken already");
  }

  @Test
  void onlyWhatIsInTheDeviceIsNoted() {
    OffsetLedger ledger = new OffsetLedger(CommitMetadata.NONE);
    ledger.take(5);
    ledger.take(6);

    ledger.mark(6, AttemptMark.SHARED);

    assertThat(read(ledger.commitAfter(Set.of())).notes())
        .isEqualTo(Map.of(6L, new Note(Attempts.NONE, AttemptMark.SHARED)));
    assertThat(read(ledger.commitAfter(Set.of(6L))).notes()).isEmpty();
  }

  @Test
  void theNextWorkerCountsWhatTheLastOneDiedOf() {
    OffsetLedger first = new OffsetLedger(CommitMetadata.NONE);
    for (long offset = 5; offset < 8; offset++) {
      first.take(offset);
    }
    first.mark(6, AttemptMark.SHARED);
    first.mark(7, AttemptMark.ALONE);

    OffsetLedger next = new OffsetLedger(read(first.commitAfter(Set.of())));

    assertThat(next.take(5)).isEqualTo(Attempts.NONE);
    assertThat(next.take(6)).isEqualTo(new Attempts(1, 0));
    assertThat(next.take(7)).isEqualTo(new Attempts(1, 1));
  }

  @Test
  void whatIsHandedOverUnfinishedWasNoDeath() {
    OffsetLedger ledger =
        new OffsetLedger(
            new CommitMetadata(
                Map.of(0L, new Note(new Attempts(2, 2), AttemptMark.NONE)), Instant.EPOCH));
    ledger.take(0);
    ledger.mark(0, AttemptMark.ALONE);

    assertThat(read(ledger.commitHandedOver()).notes())
        .isEqualTo(Map.of(0L, new Note(new Attempts(2, 2), AttemptMark.NONE)));
  }

  /** Else a second death would be the first again. */
  @Test
  void notesOfRecordsNotTakenYetAreKept() {
    Note suspect = new Note(new Attempts(1, 1), AttemptMark.NONE);
    OffsetLedger ledger = new OffsetLedger(new CommitMetadata(Map.of(9L, suspect), Instant.EPOCH));

    ledger.take(3);

    assertThat(read(ledger.commitAfter(Set.of(3L))).notes()).isEqualTo(Map.of(9L, suspect));
  }

  private static CommitMetadata read(OffsetAndMetadata commit) {
    return CommitMetadata.parse(commit.metadata(), commit.offset());
  }
}
