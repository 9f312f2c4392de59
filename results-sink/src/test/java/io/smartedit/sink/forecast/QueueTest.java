package io.smartedit.sink.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.smartedit.events.Priority;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class QueueTest {

  private static final double NEAR = 1e-6;

  @Provide
  Arbitrary<Map<Priority, Map<String, Double>>> waiting() {
    Arbitrary<Map<String, Double>> tenants =
        Arbitraries.maps(
                Arbitraries.of("a", "b", "c", "d"),
                Arbitraries.integers().between(1, 500).map(Integer::doubleValue))
            .ofMaxSize(4);
    return Arbitraries.maps(Arbitraries.of(Priority.class), tenants).ofMaxSize(3);
  }

  @Property
  void nobodyWaitsForMoreThanThereIsNorForLessThanItsOwn(
      @ForAll("waiting") Map<Priority, Map<String, Double>> waiting,
      @ForAll @IntRange(max = 500) int ahead) {
    Queue queue = with(waiting, ahead);

    double before = queue.before(Priority.NORMAL, "own", ahead);

    assertThat(before).isBetween(ahead - NEAR, queue.size() + NEAR);
  }

  @Property
  void whoHasMoreBeforeItBeginsLater(
      @ForAll("waiting") Map<Priority, Map<String, Double>> waiting,
      @ForAll @IntRange(max = 499) int ahead) {
    Queue queue = with(waiting, 500);

    assertThat(queue.before(Priority.NORMAL, "own", ahead))
        .isLessThan(queue.before(Priority.NORMAL, "own", ahead + 1));
  }

  @Property
  void moreOfOthersNeverBringsARequestForward(
      @ForAll("waiting") Map<Priority, Map<String, Double>> waiting,
      @ForAll Priority priority,
      @ForAll @IntRange(min = 1, max = 100) int more) {
    Queue queue = with(waiting, 50);
    Map<Priority, Map<String, Double>> fuller = new HashMap<>(queue.waiting());
    Map<String, Double> tenants = new HashMap<>(fuller.getOrDefault(priority, Map.of()));
    tenants.merge("b", (double) more, Double::sum);
    fuller.put(priority, tenants);

    assertThat(new Queue(fuller, Map.of()).before(Priority.NORMAL, "own", 50))
        .isGreaterThanOrEqualTo(queue.before(Priority.NORMAL, "own", 50) - NEAR);
  }

  @Property
  void aDeepBacklogOfAnotherCostsNoMoreThanItsShare(
      @ForAll @IntRange(min = 1, max = 100) int ahead,
      @ForAll @IntRange(min = 1000, max = 1_000_000) int backlog) {
    Queue queue =
        new Queue(
            Map.of(Priority.NORMAL, Map.of("own", (double) ahead, "noisy", (double) backlog)),
            Map.of());

    assertThat(queue.before(Priority.NORMAL, "own", ahead)).isEqualTo(2 * ahead, within(NEAR));
  }

  /** As the workers' shares are: 60 to 30 to 10. */
  @Test
  void prioritiesHaveTheirShares() {
    Map<String, Double> many = Map.of("t", 10_000.0);
    Queue queue =
        new Queue(
            Map.of(Priority.HIGH, many, Priority.NORMAL, many, Priority.BULK, many), Map.of());

    assertThat(queue.before(Priority.HIGH, "t", 60)).isEqualTo(100, within(NEAR));
    assertThat(queue.before(Priority.NORMAL, "t", 60)).isEqualTo(200, within(NEAR));
    assertThat(queue.before(Priority.BULK, "t", 60)).isEqualTo(600, within(NEAR));
  }

  @Test
  void weightsThatWorkersAnnounceCount() {
    Queue queue =
        new Queue(
            Map.of(Priority.NORMAL, Map.of("acme", 100.0, "b", 100.0)), Map.of("tenant.acme", 4.0));

    assertThat(queue.before(Priority.NORMAL, "acme", 40)).isEqualTo(50, within(NEAR));
    assertThat(queue.before(Priority.NORMAL, "b", 10)).isEqualTo(50, within(NEAR));
  }

  @Test
  void aShareGroupTakesWhatComes() {
    Queue queue =
        new Queue(Map.of(Priority.NORMAL, Map.of("a", 70.0, "b", 30.0)), Map.of()).inOrder();

    assertThat(List.of(queue.before(Priority.NORMAL, "", 55), queue.size()))
        .containsExactly(55.0, 100.0);
  }

  private static Queue with(Map<Priority, Map<String, Double>> waiting, double own) {
    Map<Priority, Map<String, Double>> all = new HashMap<>(waiting);
    Map<String, Double> tenants = new HashMap<>(all.getOrDefault(Priority.NORMAL, Map.of()));
    tenants.put("own", own);
    all.put(Priority.NORMAL, tenants);
    return new Queue(all, Map.of());
  }
}
