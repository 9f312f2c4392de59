package io.smartedit.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.smartedit.events.Priority;
import io.smartedit.worker.CallTurns.Part;
import io.smartedit.worker.fair.Shares;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class CallTurnsTest {

  private static final int LIMIT = 4;

  private final CountingEditor editor = new CountingEditor(Integer.MAX_VALUE);
  private final CallTurns turns = new CallTurns(Shares.DEFAULT);
  private final List<Part> open = new ArrayList<>();

  @Test
  void aCallIsOfOneKindAndAsLargeAsItMayBe() {
    open(Priority.NORMAL, 64, 3);
    open(Priority.NORMAL, 96, 6);

    List<Part> one = next();
    List<Part> two = next();

    assertThat(List.of(one, two))
        .allMatch(call -> call.stream().map(Part::kind).distinct().count() == 1);
    assertThat(List.of(one.size(), two.size())).containsExactlyInAnyOrder(3, LIMIT);
  }

  @Test
  void kindsHaveEqualTimeHoweverManyEditsOneHas() {
    open(Priority.NORMAL, 64, 1);
    open(Priority.NORMAL, 128, 12);
    Map<String, Double> pixels = new HashMap<>();

    for (int i = 0; i < 680; i++) {
      next().forEach(part -> pixels.merge(part.kind(), part.member().pixels(), Double::sum));
    }

    assertThat(pixels.getOrDefault("64x64", 0.0) / pixels.getOrDefault("128x128", 1.0))
        .isCloseTo(1, within(0.1));
  }

  @Test
  void theOldestOfAKindGoFirst() {
    open(Priority.NORMAL, 64, 6);

    assertThat(next()).isEqualTo(open.subList(0, LIMIT));
    open.remove(1);
    assertThat(next()).isEqualTo(open.subList(0, LIMIT));
  }

  @Test
  void classesHaveTheirSharesAndFillEachOthersCalls() {
    open(Priority.BULK, 64, 8);
    open(Priority.NORMAL, 96, 8);
    Map<Priority, Double> work = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      next().forEach(part -> work.merge(part.priority(), part.member().pixels(), Double::sum));
    }
    assertThat(work.getOrDefault(Priority.NORMAL, 0.0) / work.getOrDefault(Priority.BULK, 1.0))
        .isCloseTo(3, within(0.5));

    open(Priority.HIGH, 64, 1);
    List<Part> call = next();

    assertThat(call).hasSize(LIMIT);
    assertThat(call.get(0).priority()).isEqualTo(Priority.HIGH);
    assertThat(call.subList(1, LIMIT)).allMatch(part -> part.priority() == Priority.BULK);
  }

  /** Whatever comes and goes: one kind a call, the limit kept, and no kind waits for long. */
  @Property(tries = 100)
  void noKindStarves(@ForAll Random random) {
    Map<String, Integer> waited = new HashMap<>();
    for (int i = 0; i < 300; i++) {
      if (open.isEmpty() || random.nextInt(4) == 0) {
        open(Priority.NORMAL, 32 + random.nextInt(3), 1);
      }
      List<Part> call = next();

      assertThat(call).isNotEmpty().hasSizeLessThanOrEqualTo(LIMIT).doesNotHaveDuplicates();
      assertThat(call.stream().map(Part::kind).distinct()).hasSize(1);
      Set<String> kinds = open.stream().map(Part::kind).collect(Collectors.toSet());
      waited.keySet().retainAll(kinds);
      kinds.forEach(kind -> waited.merge(kind, 1, Integer::sum));
      waited.put(call.get(0).kind(), 0);
      // Two others may each make as many calls of one edit as this one had edits in its last.
      assertThat(waited.values()).allMatch(calls -> calls <= 2 * (LIMIT + 2));
      if (random.nextInt(3) == 0) { // done
        open.remove(call.get(random.nextInt(call.size())));
      }
    }
  }

  private List<Part> next() {
    return turns.next(open, BatchLimit.fixed(LIMIT));
  }

  private void open(Priority priority, int side, int count) {
    for (int i = 0; i < count; i++) {
      PreparedEdit prepared = Fixtures.prepared("r", priority, side);
      BatchMember member = new BatchMember(prepared, List.of(editor.begin(prepared.request())));
      open.add(new Part(member, member.edits().get(0)));
    }
  }
}
