package io.smartedit.sink.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.smartedit.events.EditMetrics;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.Latency;
import io.smartedit.events.PauseScope;
import io.smartedit.events.Paused;
import io.smartedit.events.Priority;
import io.smartedit.events.Topics;
import io.smartedit.events.WorkerAnnounced;
import io.smartedit.service.EditSeconds;
import io.smartedit.service.Pauses;
import io.smartedit.service.WorkerDirectory;
import io.smartedit.sink.forecast.Forecast.Start;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.processor.TaskId;
import org.junit.jupiter.api.Test;

final class ForecastTest {

  private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
  private static final Lane OWN = new Lane("", Priority.NORMAL, "own");
  private static final double NEAR = 1e-6;

  private final InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
  private final Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
  private final WorkerDirectory workers = new WorkerDirectory(registry, clock);
  private final Pauses pauses = new Pauses(registry);
  private final EditSeconds seconds = new EditSeconds();
  private final Forecast forecast = new Forecast(workers, pauses, seconds, clock);

  @Test
  void nothingIsSaidWhereNothingIsKnown() {
    List<LaneCount> lanes = List.of(new LaneCount(OWN, 10, 9));

    assertThat(forecast.of(OWN, lanes)).as("no worker").isEmpty();
    announce("w-1", "photo", 4, true);
    assertThat(forecast.of(OWN, lanes)).as("no edit was measured").isEmpty();
    measured("photo", 6);
    assertThat(forecast.of(OWN, lanes)).isPresent();
    assertThat(forecast.of(new Lane("sketch", Priority.NORMAL, "own"), lanes))
        .as("nobody serves its model")
        .isEmpty();
  }

  @Test
  void whatWaitsBeforeItTakesItsTimeInAllPlacesOfAllWorkers() {
    announce("w-1", "photo", 4, true);
    announce("w-2", "photo", 2, true);
    announce("w-3", "sketch", 100, false);
    measured("photo", 6);
    measured("sketch", 600);

    Start start = forecast.of(OWN, List.of(new LaneCount(OWN, 100, 59))).orElseThrow();

    assertThat(start.seconds()).isEqualTo(60, within(NEAR)); // 59 and one that has to end
    assertThat(start.at()).isEqualTo(NOW.plusSeconds(60));
    assertThat(start.ahead()).isEqualTo(60);
    assertThat(start.workers()).isEqualTo(2);
    assertThat(start.secondsPerEdit()).isEqualTo(6, within(NEAR));
  }

  @Test
  void aQuietTenantIsNotToldToWaitForANoisyOnesBacklog() {
    announce("w-1", "photo", 1, true);
    measured("photo", 2);
    List<LaneCount> lanes =
        List.of(
            new LaneCount(OWN, 1, 0),
            new LaneCount(new Lane("", Priority.NORMAL, "noisy"), 100_000, 100_000));

    assertThat(forecast.of(OWN, lanes).orElseThrow().seconds()).isEqualTo(2, within(NEAR));
  }

  @Test
  void whatRestsAndWhatOthersEditIsNotWaitedFor() {
    announce("w-1", "photo", 1, true);
    measured("photo", 1);
    Paused paused =
        Paused.newBuilder().setScope(PauseScope.TENANT).setName("rests").setAt(NOW).build();
    pauses.read(
        "tenants/rests",
        new EventSerializer<Paused>(registry).serialize(Topics.PAUSES, paused),
        NOW);
    List<LaneCount> lanes =
        List.of(
            new LaneCount(OWN, 11, 10),
            new LaneCount(new Lane("", Priority.NORMAL, "rests"), 1000, 1000),
            new LaneCount(new Lane("sketch", Priority.NORMAL, "own"), 1000, 1000));

    assertThat(forecast.of(OWN, lanes).orElseThrow().ahead()).isEqualTo(11);
  }

  @Test
  void workersOfAShareGroupTakeTenantsInTheOrderInWhichTheyCame() {
    announce(announcement("w-1", "photo").setBatch(1).setFair(false).build());
    measured("photo", 1);
    List<LaneCount> lanes =
        List.of(
            new LaneCount(OWN, 1, 0),
            new LaneCount(new Lane("", Priority.NORMAL, "noisy"), 1000, 400));

    assertThat(forecast.of(OWN, lanes).orElseThrow().ahead()).isEqualTo(401);
  }

  @Test
  void theBacklogIsCountedByPartitionAndByTheTimeAtWhichARequestCame() {
    Backlog backlog = new Backlog();
    TaskId one = new TaskId(0, 0);
    TaskId other = new TaskId(0, 1);
    backlog.begin(one);
    backlog.begin(other);
    backlog.add(one, OWN, 1000);
    backlog.add(one, OWN, 2000);
    backlog.add(other, OWN, 2000);
    backlog.add(other, OWN, 3000);
    backlog.remove(one, OWN, 2000);

    assertThat(backlog.count(Instant.ofEpochMilli(3000), 0))
        .containsExactly(new LaneCount(OWN, 1, 1));
    assertThat(backlog.count(Instant.ofEpochMilli(3000), 1))
        .containsExactly(new LaneCount(OWN, 2, 1));
    backlog.forget(other);
    assertThat(backlog.count(Instant.ofEpochMilli(3000), 1)).isEmpty();
  }

  private void announce(String worker, String model, int batch, boolean unnamed) {
    announce(announcement(worker, model).setBatch(batch).setServesUnnamed(unnamed).build());
  }

  private static WorkerAnnounced.Builder announcement(String worker, String model) {
    return WorkerAnnounced.newBuilder()
        .setWorker(worker)
        .setModel(model)
        .setValidMillis(30_000)
        .setSince(NOW);
  }

  private void announce(WorkerAnnounced said) {
    byte[] bytes = new EventSerializer<WorkerAnnounced>(registry).serialize(Topics.WORKERS, said);
    workers.read(said.getWorker(), bytes, NOW);
  }

  private void measured(String model, double mean) {
    Latency latency =
        Latency.newBuilder().setP50(mean).setP95(mean).setP99(mean).setMean(mean).build();
    seconds.add(
        EditMetrics.newBuilder()
            .setTenant("t")
            .setModel(model)
            .setWindowStart(NOW.minusSeconds(60))
            .setWindowEnd(NOW)
            .setCounts(Map.of("EDITED", 5L))
            .setSeconds(Map.of("denoised", latency))
            .build());
  }
}
