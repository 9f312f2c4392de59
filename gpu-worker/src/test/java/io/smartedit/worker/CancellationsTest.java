package io.smartedit.worker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.smartedit.events.EditCancelled;
import io.smartedit.events.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class CancellationsTest {

  private static final TopicPartition PARTITION = new TopicPartition(Topics.CANCELLED, 0);

  private final MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
  private final Cancellations cancellations =
      new Cancellations(
          consumer, Fixtures.REGISTRY, new RetryPolicy(Duration.ofSeconds(1), () -> 0));
  private long offset;

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

  private void topic(long end) {
    consumer.updatePartitions(
        Topics.CANCELLED, List.of(new PartitionInfo(Topics.CANCELLED, 0, null, null, null)));
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
    consumer.updateEndOffsets(Map.of(PARTITION, end));
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
