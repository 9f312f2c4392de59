package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.worker.CommitMetadata.Note;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

final class CommitMetadataTest {

  @Property(tries = 200)
  void whatIsWrittenComesBack(
      @ForAll @LongRange(min = 0, max = 1L << 50) long offset,
      @ForAll @IntRange(max = 1000) int behind,
      @ForAll @IntRange(max = 99) int begun,
      @ForAll @IntRange(max = 9) int alone,
      @ForAll AttemptMark mark,
      @ForAll @LongRange(min = 0, max = 4_000_000_000L) long death) {
    Map<Long, Note> notes = Map.of(offset + behind, new Note(new Attempts(begun, alone), mark));
    CommitMetadata metadata = new CommitMetadata(notes, Instant.ofEpochSecond(death));

    CommitMetadata read = CommitMetadata.parse(metadata.format(offset), offset);

    boolean saysNothing = begun == 0 && mark == AttemptMark.NONE;
    assertThat(read.outsideDeath()).isEqualTo(Instant.ofEpochSecond(death));
    assertThat(read.notes()).isEqualTo(saysNothing ? Map.of() : notes);
  }

  @Property(tries = 200)
  void textOfAnotherOriginSaysNothing(@ForAll String text) {
    assertThat(CommitMetadata.parse(text, 0)).isEqualTo(CommitMetadata.NONE);
  }

  @Test
  void textOfOlderWorkersSaysNothing() {
    assertThat(CommitMetadata.parse("17:1,19:2", 0)).isEqualTo(CommitMetadata.NONE);
    assertThat(CommitMetadata.parse("2;99999999999999;0:1:1a", 0)).isEqualTo(CommitMetadata.NONE);
  }

  @Test
  void whatDoesNotFitIsLeftOutFromTheLeastImportantOn() {
    Map<Long, Note> notes = new HashMap<>();
    for (long offset = 0; offset < 1000; offset++) {
      notes.put(offset, new Note(new Attempts(1, 0), AttemptMark.NONE));
    }
    notes.put(998L, new Note(new Attempts(2, 2), AttemptMark.NONE));
    notes.put(999L, new Note(Attempts.NONE, AttemptMark.SHARED));

    String text = new CommitMetadata(notes, Instant.EPOCH).format(0);

    assertThat(text).hasSizeLessThanOrEqualTo(4000);
    assertThat(CommitMetadata.parse(text, 0).notes()).containsKeys(998L, 999L).hasSizeLessThan(999);
  }
}
