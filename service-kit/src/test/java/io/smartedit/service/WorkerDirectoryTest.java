package io.smartedit.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.events.EventSerializer;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.events.WorkerAnnounced;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class WorkerDirectoryTest {

  private static final Instant NOW = Instant.parse("2026-11-25T12:00:00Z");
  private static final TopicPartition PLACE = new TopicPartition(Topics.WORKERS, 0);

  private final SchemaRegistry registry = new InMemorySchemaRegistry();
  private final EventSerializer<WorkerAnnounced> serializer = new EventSerializer<>(registry);
  private final WorkerDirectory directory =
      new WorkerDirectory(registry, Clock.fixed(NOW, ZoneOffset.UTC));

  @Test
  void modelsAreServedByThoseWhoSaidSoLately() {
    announce("w-2", "photo", true, NOW.minusSeconds(5));
    announce("w-1", "photo", false, NOW.minusSeconds(29));
    announce("w-3", "sketch", false, NOW.minusSeconds(31));

    assertThat(directory.serves("photo")).isTrue();
    assertThat(directory.serves("sketch")).isFalse();
    assertThat(directory.served())
        .containsExactly(
            Map.entry(
                "photo",
                new WorkerDirectory.Served(
                    "photo", true, NOW, new TreeSet<>(), List.of("w-1", "w-2"))));
  }

  @Test
  void aModelHasTheAdaptersThatAllItsWorkersHave() {
    announce("w-1", "photo", List.of("toon", "sketch", "not a name"));
    assertThat(adapters()).containsExactly("sketch", "toon");

    announce("w-2", "photo", List.of("toon", "oil"));
    assertThat(adapters()).containsExactly("toon");
  }

  @Test
  void whoEndsTakesItBackAndWhoChangesModelsServesTheNewOneOnly() {
    announce("w-1", "photo", true, NOW);
    announce("w-2", "photo", true, NOW);
    directory.read("w-1", null, NOW);
    announce("w-2", "sketch", true, NOW);

    assertThat(directory.served().keySet()).containsExactly("sketch");
  }

  @Test
  void noAnnouncementHoldsForEverAndNoneIsOfAnImproperName() {
    directory.read("w-1", bytes("photo", true, Integer.MAX_VALUE), NOW.minus(Duration.ofHours(1)));
    announce("w-2", "../photo", true, NOW);

    assertThat(directory.served()).isEmpty();
  }

  @Test
  void itIsFollowedWhateverLiesThereAndHoweverOftenTheBrokerIsAway() {
    MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
    consumer.updatePartitions(
        Topics.WORKERS, List.of(new PartitionInfo(Topics.WORKERS, 0, null, null, null)));
    consumer.updateBeginningOffsets(Map.of(PLACE, 0L));
    consumer.updateEndOffsets(Map.of(PLACE, 2L));
    consumer.setPollException(new KafkaException("away"));
    consumer.schedulePollTask(
        () -> {
          consumer.addRecord(record(0, new byte[] {1, 2, 3}));
          consumer.addRecord(record(1, bytes("photo", true, 30_000)));
        });
    try (TopicFollower follower =
        new TopicFollower(consumer, Map.of(Topics.WORKERS, directory), Clock.systemUTC())) {
      follower.start();

      Awaitility.await().until(() -> follower.knownSince().isPresent());
      assertThat(directory.serves("photo")).isTrue();

      Optional<Instant> first = follower.knownSince();
      consumer.setPollException(new KafkaException("away again"));
      Awaitility.await()
          .until(follower::knownSince, since -> since.isPresent() && !since.equals(first));
    }
    assertThat(consumer.closed()).isTrue();
  }

  private static ConsumerRecord<String, byte[]> record(long offset, byte[] value) {
    return new ConsumerRecord<>(
        Topics.WORKERS,
        0,
        offset,
        NOW.toEpochMilli(),
        org.apache.kafka.common.record.TimestampType.LOG_APPEND_TIME,
        0,
        0,
        "w-1",
        value,
        new org.apache.kafka.common.header.internals.RecordHeaders(),
        Optional.empty());
  }

  private SortedSet<String> adapters() {
    return Objects.requireNonNull(directory.served().get("photo")).adapters();
  }

  private void announce(String worker, String model, List<String> adapters) {
    WorkerAnnounced event =
        WorkerAnnounced.newBuilder()
            .setWorker(worker)
            .setModel(model)
            .setAdapters(adapters)
            .setValidMillis(30_000)
            .setSince(NOW)
            .build();
    directory.read(worker, serializer.serialize(Topics.WORKERS, event), NOW);
  }

  private void announce(String worker, String model, boolean unnamed, Instant time) {
    directory.read(worker, bytes(model, unnamed, 30_000), time);
  }

  private byte[] bytes(String model, boolean unnamed, int validMillis) {
    WorkerAnnounced event =
        WorkerAnnounced.newBuilder()
            .setWorker("any")
            .setModel(model)
            .setServesUnnamed(unnamed)
            .setValidMillis(validMillis)
            .setSince(NOW)
            .build();
    byte[] bytes = serializer.serialize(Topics.WORKERS, event);
    return bytes == null ? new byte[0] : bytes;
  }
}
