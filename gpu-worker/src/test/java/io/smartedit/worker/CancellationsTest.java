package io.smartedit.worker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smartedit.events.BatchAction;
import io.smartedit.events.BatchCommand;
import io.smartedit.events.EditCancelled;
import io.smartedit.events.EditRequested;
import io.smartedit.events.PauseScope;
import io.smartedit.events.Paused;
import io.smartedit.events.Topics;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CancellationsTest {

  private static final TopicPartition PARTITION = new TopicPartition(Topics.CANCELLED, 0);
  private static final TopicPartition COMMANDS = new TopicPartition(Topics.BATCH_COMMANDS, 0);
  private static final TopicPartition PAUSES = new TopicPartition(Topics.PAUSES, 0);
  private static final TakenRequest OF_BATCH =
      Fixtures.job(Fixtures.request("a").setBatch("b").setBatchLine(1).build(), 0, Attempts.NONE)
          .taken();

  private final MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
  private final Cancellations cancellations =
      new Cancellations(consumer, Fixtures.REGISTRY, Clock.systemUTC());
  private long offset;
  private long commandOffset;

  @Test
  void whatWasCancelledBeforeTheStartIsKnownThen() {
    topic(1);
    consumer.schedulePollTask(() -> add(cancelled("a")));
    cancellations.start();

    await().until(cancellations::isKnown);

    assertThat(cancellations.contains(Fixtures.job("a").taken())).isTrue();
    assertThat(cancellations.contains(Fixtures.job("b").taken())).isFalse();
    cancellations.close();
  }

  @Test
  void whateverLiesOnTheTopicIsPassedOver() {
    topic(0);
    List<byte[]> odd =
        List.of(new byte[0], new byte[] {1}, new byte[] {0, 0, 0, 9, 9}, new byte[1 << 20]);
    consumer.schedulePollTask(() -> odd.forEach(this::add));
    consumer.schedulePollTask(() -> add(null));
    consumer.schedulePollTask(() -> add(cancelled("a")));

    cancellations.start();

    await().until(() -> cancellations.contains(Fixtures.job("a").taken()));
    cancellations.close();
  }

  @Test
  void aBrokerThatFailsToAnswerCostsTimeOnly() {
    topic(0);
    consumer.schedulePollTask(
        () -> {
          throw new KafkaException("gone");
        });
    consumer.schedulePollTask(() -> add(cancelled("a")));

    cancellations.start();

    await().until(() -> cancellations.contains(Fixtures.job("a").taken()));
    cancellations.close();
  }

  @Test
  void aBatchRestsAndGoesOnAndIsCancelledForGood() {
    topic(0);
    consumer.schedulePollTask(() -> command(command(BatchAction.SEAL)));
    consumer.schedulePollTask(() -> command(command(BatchAction.PAUSE)));
    cancellations.start();

    await().until(() -> cancellations.resting(OF_BATCH).equals(Optional.of(Parking.BATCH)));
    assertThat(cancellations.contains(OF_BATCH)).isFalse();
    assertThat(cancellations.resting(Fixtures.job("b").taken())).isEmpty();

    consumer.schedulePollTask(() -> command(command(BatchAction.RESUME)));
    await().until(() -> cancellations.resting(OF_BATCH).isEmpty());

    consumer.schedulePollTask(() -> command(command(BatchAction.CANCEL)));
    consumer.schedulePollTask(() -> command(command(BatchAction.PAUSE)));
    consumer.schedulePollTask(() -> command(command(BatchAction.RESUME)));
    consumer.schedulePollTask(() -> add(cancelled("last")));
    await().until(() -> cancellations.contains(Fixtures.job("last").taken()));
    assertThat(cancellations.contains(OF_BATCH)).isTrue();
    assertThat(cancellations.resting(OF_BATCH)).isEmpty();
    cancellations.close();
  }

  @Test
  void whatIsPausedRestsUntilItIsResumed() {
    topic(0);
    consumer.schedulePollTask(() -> pause("tenants/default", PauseScope.TENANT, "default"));
    cancellations.start();
    TakenRequest request = Fixtures.job("a").taken();

    await().until(() -> cancellations.resting(request).equals(Optional.of(Parking.PAUSE)));
    consumer.schedulePollTask(
        () ->
            consumer.addRecord(new ConsumerRecord<>(Topics.PAUSES, 0, 1, "tenants/default", null)));

    await().until(() -> cancellations.resting(request).isEmpty());
    cancellations.close();
  }

  private void pause(String key, PauseScope scope, String name) {
    Paused paused = Paused.newBuilder().setScope(scope).setName(name).setAt(Instant.EPOCH).build();
    consumer.addRecord(
        new ConsumerRecord<>(
            Topics.PAUSES, 0, 0, key, Fixtures.SERIALIZER.serialize(Topics.PAUSES, paused)));
  }

  /** Anybody may write names of a megabyte; a hundred thousand of them are not kept. */
  @Test
  void improperNamesAreNotRemembered() {
    topic(0);
    String endless = "x".repeat(1 << 16);
    consumer.schedulePollTask(() -> add(cancelled(endless)));
    consumer.schedulePollTask(() -> command(command(endless, BatchAction.CANCEL)));
    consumer.schedulePollTask(() -> add(cancelled("a")));
    cancellations.start();

    await().until(() -> cancellations.contains(Fixtures.job("a").taken()));

    assertThat(cancellations.contains(Fixtures.job(endless).taken())).isFalse();
    EditRequested ofBatch = Fixtures.request("b").setBatch(endless).setBatchLine(1).build();
    assertThat(cancellations.contains(Fixtures.job(ofBatch, 0, Attempts.NONE).taken())).isFalse();
    cancellations.close();
  }

  private void topic(long end) {
    consumer.updatePartitions(
        Topics.CANCELLED, List.of(new PartitionInfo(Topics.CANCELLED, 0, null, null, null)));
    consumer.updatePartitions(
        Topics.BATCH_COMMANDS,
        List.of(new PartitionInfo(Topics.BATCH_COMMANDS, 0, null, null, null)));
    consumer.updatePartitions(
        Topics.PAUSES, List.of(new PartitionInfo(Topics.PAUSES, 0, null, null, null)));
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L, COMMANDS, 0L, PAUSES, 0L));
    consumer.updateEndOffsets(Map.of(PARTITION, end, COMMANDS, 0L, PAUSES, 0L));
  }

  private void command(BatchCommand command) {
    consumer.addRecord(
        new ConsumerRecord<>(
            Topics.BATCH_COMMANDS,
            0,
            commandOffset++,
            "k",
            Fixtures.SERIALIZER.serialize(Topics.BATCH_COMMANDS, command)));
  }

  private static BatchCommand command(BatchAction action) {
    return command("b", action);
  }

  private static BatchCommand command(String batch, BatchAction action) {
    return BatchCommand.newBuilder().setBatch(batch).setAction(action).setAt(Instant.EPOCH).build();
  }

  private void add(byte @Nullable [] value) {
    consumer.addRecord(new ConsumerRecord<>(Topics.CANCELLED, 0, offset++, "k", value));
  }

  private static byte[] cancelled(String id) {
    EditCancelled event =
        EditCancelled.newBuilder().setRequestId(id).setCancelledAt(Instant.EPOCH).build();
    return requireNonNull(Fixtures.SERIALIZER.serialize(Topics.CANCELLED, event));
  }
}
