package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Ticker;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of a share group that holds one record at a time: takes it, keeps its lock, and lets go
 * of it.
 *
 * <p>Kafka's share consumer hands out nothing new before all of its last poll is done with. So that
 * a long edit holds up no other, each has a consumer of its own. Used by the requests thread.
 */
final class ShareMember implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ShareMember.class);
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Duration LEAVING = Duration.ofSeconds(2);
  private static final long GAP_NANOS = Duration.ofSeconds(1).toNanos();
  private static final int LOCK_MILLIS = 30_000; // Kafka's default, where the broker does not say

  private final ShareConsumer<String, byte[]> consumer;
  private final Ticker ticker;
  private @Nullable ConsumerRecord<String, byte[]> held;
  private long renewAt;
  private long polled;

  /** It owns its consumer, whose polls give one record at most. */
  ShareMember(ShareConsumer<String, byte[]> consumer, Ticker ticker) {
    this.consumer = consumer;
    this.ticker = ticker;
    polled = ticker.read();
  }

  boolean isFree() {
    return held == null;
  }

  /** The record whose lock is kept. */
  Optional<ConsumerRecord<String, byte[]>> held() {
    return Optional.ofNullable(held);
  }

  /** Takes the next record, where one has come; it must be free. */
  Optional<ConsumerRecord<String, byte[]>> poll() {
    long before = polled;
    polled = ticker.read();
    take(null);
    if (held != null && polled - before > GAP_NANOS) {
      renewAt = polled; // it may have come long ago
      keep();
    }
    return held();
  }

  /** Holds {@code wanted}, or the first record where none is; what is too much is released. */
  private void take(@Nullable ConsumerRecord<String, byte[]> wanted) {
    for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ZERO)) {
      if (held == null && (wanted == null || isSame(record, wanted))) {
        held = record;
        int lock = consumer.acquisitionLockTimeoutMs().orElse(LOCK_MILLIS);
        renewAt = ticker.read() + Duration.ofMillis(lock / 3).toNanos();
      } else {
        consumer.acknowledge(record, AcknowledgeType.RELEASE);
      }
    }
  }

  private static boolean isSame(
      ConsumerRecord<String, byte[]> record, ConsumerRecord<String, byte[]> other) {
    return record.offset() == other.offset()
        && record.partition() == other.partition()
        && record.topic().equals(other.topic());
  }

  /** Keeps the lock, where it is time to; false where it is lost and the member is free. */
  boolean keep() {
    ConsumerRecord<String, byte[]> record = held;
    if (record == null || ticker.read() - renewAt < 0) {
      return true;
    }
    held = null;
    try {
      consumer.acknowledge(record, AcknowledgeType.RENEW);
      Map<TopicIdPartition, Optional<KafkaException>> told = consumer.commitSync(PATIENCE);
      if (told.values().stream().allMatch(Optional::isEmpty)) {
        take(record); // what is renewed is handed out anew
      }
    } catch (KafkaException e) {
      LOG.warn("the lock of {}-{} is not kept: {}", record.topic(), record.offset(), e.toString());
    }
    return held != null;
  }

  /** The record is done with. */
  void accept() {
    letGo(AcknowledgeType.ACCEPT);
  }

  /** Somebody else may take the record at once. */
  void release() {
    letGo(AcknowledgeType.RELEASE);
  }

  private void letGo(AcknowledgeType how) {
    if (held != null) {
      consumer.acknowledge(held, how);
      held = null;
      consumer.commitAsync();
    }
  }

  /** Leaves the group; what is held is anybody's. */
  @Override
  public void close() {
    try {
      consumer.close(LEAVING);
    } catch (KafkaException e) {
      LOG.warn("a share consumer did not leave its group: {}", e.getMessage());
    }
  }
}
