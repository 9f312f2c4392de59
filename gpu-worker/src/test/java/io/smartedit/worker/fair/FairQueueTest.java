package io.smartedit.worker.fair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.smartedit.events.Priority;
import io.smartedit.worker.fair.FairQueue.Item;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class FairQueueTest {

  private final FairQueue<String> queue = new FairQueue<>(Shares.DEFAULT);

  @Test
  void aQuietTenantIsNextHoweverMuchAnotherHas() {
    add(Priority.NORMAL, "noisy", 10_000, 1);
    for (int i = 0; i < 100; i++) {
      take();
    }

    add(Priority.NORMAL, "quiet", 1, 1);

    assertThat(List.of(take(), take())).contains("quiet");
  }

  @Test
  void classesHaveTheirSharesAndBulkIsNeverStarved() {
    add(Priority.HIGH, "a", 1000, 1);
    add(Priority.NORMAL, "a", 1000, 1);
    add(Priority.BULK, "a", 1000, 1);

    Map<Priority, Integer> taken = new HashMap<>();
    for (int i = 0; i < 1000; i++) {
      taken.merge(queue.next().orElseThrow().lane().priority(), 1, Integer::sum);
    }

    assertThat(taken.get(Priority.HIGH)).isCloseTo(600, within(2));
    assertThat(taken.get(Priority.NORMAL)).isCloseTo(300, within(2));
    assertThat(taken.get(Priority.BULK)).isCloseTo(100, within(2));
  }

  @Test
  void whatAClassLeavesIsTheOthers() {
    add(Priority.NORMAL, "a", 300, 1);
    add(Priority.BULK, "a", 300, 1);

    Map<Priority, Integer> taken = new HashMap<>();
    for (int i = 0; i < 200; i++) {
      taken.merge(queue.next().orElseThrow().lane().priority(), 1, Integer::sum);
    }

    assertThat(taken.get(Priority.NORMAL)).isCloseTo(150, within(2));
    assertThat(taken.get(Priority.BULK)).isCloseTo(50, within(2));
  }

  @Test
  void sharesAreOfDeviceTimeNotOfRequests() {
    add(Priority.NORMAL, "long", 1000, 10);
    add(Priority.NORMAL, "short", 1000, 1);

    Map<String, Integer> taken = new HashMap<>();
    for (int i = 0; i < 550; i++) {
      taken.merge(take(), 1, Integer::sum);
    }

    assertThat(taken.get("long")).isCloseTo(50, within(2));
    assertThat(taken.get("short")).isCloseTo(500, within(2));
  }

  @Test
  void nobodySavesUpAShareWhileIdle() {
    add(Priority.NORMAL, "a", 1000, 1);
    for (int i = 0; i < 500; i++) {
      take();
    }
    add(Priority.NORMAL, "b", 1000, 1);

    Map<String, Integer> taken = new HashMap<>();
    for (int i = 0; i < 100; i++) {
      taken.merge(take(), 1, Integer::sum);
    }

    assertThat(taken.get("a")).isCloseTo(50, within(2));
  }

  @Test
  void tenantsMayWeighMore() {
    FairQueue<String> weighted = new FairQueue<>(Shares.read("normal=1, tenant.gold=4"));
    for (int i = 0; i < 1000; i++) {
      weighted.add(new Item<>(new Lane(Priority.NORMAL, "gold"), 1, 1, "gold"));
      weighted.add(new Item<>(new Lane(Priority.NORMAL, "tin"), 1, 1, "tin"));
    }

    Map<String, Integer> taken = new HashMap<>();
    for (int i = 0; i < 500; i++) {
      taken.merge(weighted.next().orElseThrow().what(), 1, Integer::sum);
    }

    assertThat(taken.get("gold")).isCloseTo(400, within(2));
  }

  /** The bound of the paper: two that have work differ by no more than their largest pieces. */
  @Property(tries = 200)
  void twoThatHaveWorkGetTheSame(@ForAll long seed) {
    Random random = new Random(seed);
    FairQueue<String> both = new FairQueue<>(Shares.DEFAULT);
    for (int i = 0; i < 400; i++) {
      for (String tenant : List.of("a", "b")) {
        double cost = Math.exp(2 * random.nextGaussian());
        both.add(new Item<>(new Lane(Priority.NORMAL, tenant), Math.min(cost, 50), 1, tenant));
      }
    }

    Map<String, Double> had = new HashMap<>(Map.of("a", 0.0, "b", 0.0));
    for (int i = 0; i < 300; i++) {
      Item<String> item = both.next().orElseThrow();
      had.merge(item.what(), item.cost(), Double::sum);
      assertThat(had.get("a")).isCloseTo(had.get("b"), within(100.0));
    }
  }

  @Test
  void aLaneKeepsItsOrder() {
    List<Integer> taken = new ArrayList<>();
    FairQueue<Integer> numbers = new FairQueue<>(Shares.DEFAULT);
    for (int i = 0; i < 100; i++) {
      numbers.add(new Item<>(new Lane(Priority.NORMAL, i % 3 == 0 ? "a" : "b"), 1, 1, i));
    }

    for (int i = 0; i < 100; i++) {
      taken.add(numbers.next().orElseThrow().what());
    }

    assertThat(taken.stream().filter(i -> i % 3 == 0)).isSorted();
    assertThat(taken.stream().filter(i -> i % 3 != 0)).isSorted();
    assertThat(numbers.next()).isEmpty();
  }

  @Test
  void sharesThatCannotBeReadSayWhatIsWanted() {
    assertThatThrownBy(() -> Shares.read("high")).hasMessageContaining("NAME=WEIGHT");
    assertThatThrownBy(() -> Shares.read("low=1")).hasMessageContaining("has low");
    assertThatThrownBy(() -> Shares.read("high=0")).hasMessageContaining("above 0");
    assertThatThrownBy(() -> Shares.read("bulk=x")).hasMessageContaining("NAME=WEIGHT");
  }

  private void add(Priority priority, String tenant, int count, double cost) {
    for (int i = 0; i < count; i++) {
      queue.add(new Item<>(new Lane(priority, tenant), cost, 1, tenant));
    }
  }

  private String take() {
    return queue.next().orElseThrow().what();
  }
}
