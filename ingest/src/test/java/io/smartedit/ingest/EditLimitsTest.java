package io.smartedit.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smartedit.events.AllowanceAsked;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.ingest.Allowances.Level;
import io.smartedit.service.Problem;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Limits of edits a minute that several doors hold together. */
final class EditLimitsTest {

  private static final Instant NOON = Instant.parse("2026-11-25T12:00:00Z");

  private final AtomicLong nanos = new AtomicLong();

  @Property(tries = 300)
  void allDoorsTogetherAcceptTheLimitAndNoEditMore(
      @ForAll @IntRange(min = 1, max = 2000) int limit,
      @ForAll @IntRange(min = 1, max = 7) int doors,
      @ForAll @Size(min = 1, max = 200) List<@IntRange(max = 6) Integer> turns) {
    LoopedLimits topic = new LoopedLimits(new InMemorySchemaRegistry(), () -> 0);
    List<EditLimits> all = new ArrayList<>();
    for (int i = 0; i < doors; i++) {
      all.add(topic.door());
    }
    Caller shop = new Caller("shop", limit);

    int accepted = 0;
    for (int turn = 0; turn < limit + turns.size(); turn++) {
      accepted += accepts(all.get(turns.get(turn % turns.size()) % doors), shop) ? 1 : 0;
    }
    for (EditLimits door : all) { // what one holds in advance is its own
      while (accepts(door, shop)) {
        accepted++;
      }
    }

    assertThat(accepted).isEqualTo(limit);
  }

  @Property(tries = 100)
  void oneDoorAloneHasAllOfIt(@ForAll @IntRange(min = 1, max = 3000) int limit) {
    LoopedLimits topic = new LoopedLimits(new InMemorySchemaRegistry(), () -> 0);
    EditLimits used = topic.door();
    EditLimits idle = topic.door();
    Caller shop = new Caller("shop", limit);

    for (int i = 0; i < limit; i++) {
      used.take(shop);
    }

    assertThat(accepts(used, shop)).isFalse();
    assertThat(accepts(idle, shop)).isFalse();
  }

  /** An ask of some edits, so many milliseconds after the one before. */
  private record Ask(int millis, int edits) {}

  @Provide
  Arbitrary<List<Ask>> asks() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 4000), Arbitraries.integers().between(1, 9))
        .as(Ask::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(60);
  }

  @Property(tries = 300)
  void inNoSpanOfTimeIsMoreGrantedThanTheBucketAndWhatFillsIt(
      @ForAll("asks") List<Ask> asks, @ForAll @IntRange(min = 1, max = 90) int limit) {
    Allowances allowances = new Allowances();
    List<Instant> times = new ArrayList<>();
    List<Integer> granted = new ArrayList<>();
    Instant time = NOON;
    for (Ask ask : asks) {
      time = time.plusMillis(ask.millis());
      times.add(time);
      granted.add(allowances.next(ask(ask.edits(), limit, Level.FULL), time).edits());
    }

    for (int from = 0; from < asks.size(); from++) {
      double sum = 0;
      for (int to = from; to < asks.size(); to++) {
        sum += granted.get(to);
        double minutes = Duration.between(times.get(from), times.get(to)).toMillis() / 6e4;
        assertThat(sum).isLessThanOrEqualTo(limit * (1 + minutes) + 1e-9);
      }
    }
  }

  /** However full the bucket is for those who have read for longer. */
  @Property(tries = 300)
  void whoeverJoinsComesToTheSameAnswersFromTheFirstAskOn(
      @ForAll("asks") List<Ask> before,
      @ForAll("asks") List<Ask> after,
      @ForAll @IntRange(min = 1, max = 90) int limit) {
    Allowances old = new Allowances();
    Allowances young = new Allowances();
    Instant time = NOON;
    for (Ask ask : before) {
      time = time.plusMillis(ask.millis());
      old.next(ask(ask.edits(), limit, old.level("shop")), time);
    }

    for (Ask each : after) {
      time = time.plusMillis(each.millis());
      AllowanceAsked ask = ask(each.edits(), limit, old.level("shop"));
      assertThat(young.next(ask, time)).isEqualTo(old.next(ask, time));
    }
  }

  @Test
  void aLimitFillsAgainWithinAMinute() {
    LoopedLimits topic = new LoopedLimits(new InMemorySchemaRegistry(), nanos::get);
    EditLimits door = topic.door();
    Caller shop = new Caller("shop", 2);
    door.take(shop);
    door.take(shop);

    assertThatThrownBy(() -> door.take(shop))
        .hasMessage("More than 2 edits in a minute; the next in 31 s.")
        .isInstanceOfSatisfying(
            Problem.class,
            problem -> {
              assertThat(problem.status()).isEqualTo(429);
              assertThat(problem.retryAfter()).isEqualTo(31);
            });
    nanos.addAndGet(Duration.ofSeconds(30).toNanos());

    assertThat(accepts(topic.door(), shop)).isTrue();
    assertThat(accepts(door, shop)).isFalse();
  }

  @Test
  void whatWasGrantedIsNotKept() {
    LoopedLimits topic = new LoopedLimits(new InMemorySchemaRegistry(), nanos::get);
    EditLimits holds = topic.door();
    Caller shop = new Caller("shop", 1200); // asks for two at once
    holds.take(shop);
    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    EditLimits other = topic.door();

    for (int i = 0; i < 1200; i++) {
      other.take(shop);
    }

    assertThat(accepts(holds, shop)).isFalse();
  }

  @Test
  void tenantsHaveLimitsOfTheirOwnAndSomeHaveNone() {
    EditLimits door = LoopedLimits.of(new InMemorySchemaRegistry());
    Map<String, Integer> accepted = new HashMap<>();

    for (Caller caller :
        List.of(new Caller("shop", 2), new Caller("press", 3), new Caller("ours", 0))) {
      for (int i = 0; i < 5; i++) {
        accepted.merge(
            String.valueOf(caller.tenant()), accepts(door, caller) ? 1 : 0, Integer::sum);
      }
    }

    assertThat(accepted).isEqualTo(Map.of("shop", 2, "press", 3, "ours", 5));
  }

  @Test
  void whereTheTopicIsAwayTheEditIsPutOff() {
    EditLimits door =
        new EditLimits(
            new InMemorySchemaRegistry(),
            ask -> {
              throw Problem.unavailable(5, "The broker is away.");
            },
            nanos::get);

    assertThatThrownBy(() -> door.take(new Caller("shop", 2)))
        .hasMessageContaining("The broker is away")
        .isInstanceOfSatisfying(Problem.class, p -> assertThat(p.status()).isEqualTo(503));
  }

  private static AllowanceAsked ask(int edits, int limit, Level known) {
    return new AllowanceAsked("a door's", "shop", edits, limit, known.spent(), known.at());
  }

  private static boolean accepts(EditLimits door, Caller caller) {
    try {
      door.take(caller);
      return true;
    } catch (Problem e) {
      assertThat(e.status()).isEqualTo(429);
      return false;
    }
  }
}
