package io.smartedit.sink.retention;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/*
 * A group's committed offset stays below the end of a partition for ever where what lies between are
 * the marks of transactions alone, which nobody consumes. So a gap is read: it is none where it holds
 * no record.
 */
/** The horizon of a consumer group, as its cluster tells it. Used by one thread. */
public final class KafkaHorizon implements Horizon {

  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final Admin admin;
  private final Consumer<byte[], byte[]> reader;
  private final String group;

  /**
   * @param kafka settings of a Kafka client
   */
  public KafkaHorizon(Map<String, Object> kafka, String group) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) LIMIT.toMillis());
    config.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) LIMIT.toMillis());
    this.admin = Admin.create(config);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    this.reader =
        new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.group = group;
  }

  /** {@inheritDoc} With what lies in transactions that are open. */
  @Override
  public Map<TopicPartition, Long> ends(Collection<String> topics) {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    for (TopicDescription topic : get(admin.describeTopics(topics).allTopicNames()).values()) {
      for (TopicPartitionInfo partition : topic.partitions()) {
        asked.put(new TopicPartition(topic.name(), partition.partition()), OffsetSpec.latest());
      }
    }
    return offsets(asked);
  }

  @Override
  public boolean isReached(Map<TopicPartition, Long> ends) {
    Map<TopicPartition, OffsetAndMetadata> committed =
        get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
    Map<TopicPartition, Long> begins = begins(ends.keySet());
    for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
      OffsetAndMetadata read = committed.get(end.getKey());
      long begin = begins.getOrDefault(end.getKey(), 0L);
      long from = read == null ? begin : Math.max(begin, read.offset());
      if (from < end.getValue() && !isEmpty(end.getKey(), from, end.getValue())) {
        return false;
      }
    }
    return true;
  }

  private Map<TopicPartition, Long> begins(Set<TopicPartition> partitions) {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    partitions.forEach(partition -> asked.put(partition, OffsetSpec.earliest()));
    return offsets(asked);
  }

  private Map<TopicPartition, Long> offsets(Map<TopicPartition, OffsetSpec> asked) {
    Map<TopicPartition, Long> offsets = new HashMap<>();
    for (Map.Entry<TopicPartition, ListOffsetsResultInfo> each :
        get(admin.listOffsets(asked).all()).entrySet()) {
      offsets.put(each.getKey(), each.getValue().offset());
    }
    return offsets;
  }

  /** Whether there is no record between two offsets. */
  private boolean isEmpty(TopicPartition partition, long from, long to) {
    reader.assign(List.of(partition));
    reader.seek(partition, from);
    long end = System.nanoTime() + LIMIT.toNanos();
    while (reader.position(partition) < to) {
      if (!reader.poll(Duration.ofMillis(200)).isEmpty() || System.nanoTime() > end) {
        return false;
      }
    }
    return true;
  }

  private static <T> T get(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw new KafkaException("the cluster does not say how far it is read", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted", e);
    }
  }

  @Override
  public void close() {
    reader.close(CloseOptions.timeout(LIMIT));
    admin.close(LIMIT);
  }
}
