package io.smartedit.worker.fair;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.events.Priority;
import io.smartedit.worker.fair.ReadAhead.Read;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Partitions' logs read ahead, and over each other's backlogs. */
final class ReadAheadTest {

  /** A partition as it lies on a broker, and how far it was read. */
  private static final class Log {
    private final List<String> tenants = new ArrayList<>();
    private final Reading reading = new Reading();
    private int position;
    private long readInAll;
  }

  private record Place(Log log, int offset) {
    private String tenant() {
      return log.tenants.get(offset);
    }
  }

  private final List<Log> logs = new ArrayList<>();
  private ReadAhead<Place> ahead = new ReadAhead<>(Shares.DEFAULT, 64);

  @Test
  void aQuietTenantsRequestIsSeenBehindABacklogOfAnyDepth() {
    Log log = log();
    for (int i = 0; i < 50_000; i++) {
      log.tenants.add("noisy");
    }
    log.tenants.add("quiet");

    poll(log, Integer.MAX_VALUE);

    assertThat(List.of(next(), next())).extracting(Place::tenant).contains("quiet");
    assertThat(log.reading.first()).hasValue(log.reading.first().orElseThrow()).isPresent();
    assertThat(log.reading.passedOver()).isEqualTo(50_000 - 32);
  }

  @Test
  void aBacklogIsReadAboutTwice() {
    Log log = log();
    for (int i = 0; i < 20_000; i++) {
      log.tenants.add("noisy");
    }

    List<Integer> taken = new ArrayList<>();
    while (taken.size() < 20_000) {
      poll(log, 500);
      ahead.next().ifPresent(place -> taken.add(place.offset()));
    }

    assertThat(taken).isSorted().doesNotHaveDuplicates();
    assertThat(log.readInAll).isLessThan(45_000);
    assertThat(log.reading.first()).isEmpty();
    assertThat(log.reading.passedOver()).isZero();
  }

  /** Whatever lies where, each request comes once, in its lane's order, and none is passed by. */
  @Property(tries = 300)
  void everyRequestComesOnceInItsLanesOrder(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 4) int partitions) {
    Random random = new Random(seed);
    logs.clear();
    ahead = new ReadAhead<>(Shares.DEFAULT, 33 + random.nextInt(100));
    int tenants = 1 + random.nextInt(40);
    for (int p = 0; p < partitions; p++) {
      Log log = log();
      int records = random.nextInt(400);
      for (int i = 0; i < records; i++) {
        log.tenants.add("t" + (int) (tenants * Math.pow(random.nextDouble(), 3)));
      }
    }
    Map<Log, Set<Integer>> done = new HashMap<>();
    Map<String, Integer> last = new HashMap<>();

    int idle = 0;
    while (idle < 50) {
      logs.forEach(log -> poll(log, 1 + random.nextInt(60)));
      idle++;
      for (int i = random.nextInt(20); i >= 0; i--) {
        Place place = ahead.next().orElse(null);
        if (place == null) {
          break;
        }
        idle = 0;
        assertThat(done.computeIfAbsent(place.log(), key -> new HashSet<>()).add(place.offset()))
            .isTrue();
        String lane = logs.indexOf(place.log()) + place.tenant();
        assertThat(last.getOrDefault(lane, -1)).isLessThan(place.offset());
        last.put(lane, place.offset());
      }
      logs.forEach(log -> assertNothingIsPassedBy(log, done.getOrDefault(log, Set.of())));
    }

    for (Log log : logs) {
      assertThat(done.getOrDefault(log, Set.of())).hasSize(log.tenants.size());
      assertThat(log.reading.first()).isEmpty();
      assertThat(log.reading.passedOver()).isZero();
    }
  }

  private static void assertNothingIsPassedBy(Log log, Set<Integer> done) {
    long first = log.reading.first().orElse(Math.max(0, log.reading.next()));
    for (int offset = 0; offset < first; offset++) {
      assertThat(done).contains(offset);
    }
  }

  private Log log() {
    Log log = new Log();
    logs.add(log);
    return log;
  }

  private Place next() {
    return ahead.next().orElseThrow();
  }

  /** As a worker polls. */
  private void poll(Log log, int most) {
    log.reading.again(ahead::hasRoom).ifPresent(offset -> log.position = (int) offset);
    for (int i = 0; i < most && log.position < log.tenants.size(); i++) {
      if (log.reading.isOver(log.position)) {
        log.position = (int) log.reading.next();
        continue;
      }
      int offset = log.position++;
      log.readInAll++;
      Lane lane = new Lane(Priority.NORMAL, log.tenants.get(offset));
      Read read = new Read(log.reading, offset, lane, 1, 100);
      if (ahead.isWanted(read)) {
        ahead.add(read, new Place(log, offset));
      }
    }
    if (log.reading.isOver(log.position)) {
      log.position = (int) log.reading.next();
    }
  }
}
