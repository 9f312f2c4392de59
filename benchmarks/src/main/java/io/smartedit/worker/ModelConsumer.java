package io.smartedit.worker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/**
 * A member's consumer of the model's broker: Kafka's in-memory one, over logs that may be read
 * again.
 */
final class ModelConsumer extends MockConsumer<String, byte[]> {

  private static final int POLL_RECORDS = 200;

  private final ModelBroker broker;
  private final Runnable waking;

  ModelConsumer(ModelBroker broker, Runnable waking) {
    super("earliest");
    this.broker = broker;
    this.waking = waking;
  }

  void wake() {
    waking.run();
  }

  void given(Collection<TopicPartition> partitions) {
    Set<TopicPartition> added = new HashSet<>(partitions);
    added.removeAll(assignment());
    rebalance(partitions);
    for (TopicPartition each : added) {
      OffsetAndMetadata offset = broker.committed(Set.of(each)).get(each);
      seek(each, offset == null ? 0 : offset.offset());
    }
    wake();
  }

  @Override
  public synchronized ConsumerRecords<String, byte[]> poll(Duration timeout) {
    Map<TopicPartition, List<ConsumerRecord<String, byte[]>>> polled = new HashMap<>();
    Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
    int room = POLL_RECORDS;
    for (TopicPartition partition : assignment()) {
      if (!paused().contains(partition) && room > 0) {
        List<ConsumerRecord<String, byte[]>> some = read(partition, room);
        if (!some.isEmpty()) {
          polled.put(partition, some);
          long position = some.get(some.size() - 1).offset() + 1;
          next.put(partition, new OffsetAndMetadata(position));
          seek(partition, position);
          room -= some.size();
        }
      }
    }
    if (!polled.isEmpty()) {
      wake(); // there may be more
    }
    return new ConsumerRecords<>(polled, next);
  }

  private List<ConsumerRecord<String, byte[]>> read(TopicPartition partition, int most) {
    List<byte[]> log = broker.log(partition);
    int from = (int) position(partition);
    int end = Math.min(log.size(), from + most);
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    for (int offset = from; offset < end; offset++) {
      byte[] value = log.get(offset);
      records.add(
          new ConsumerRecord<>(
              partition.topic(),
              partition.partition(),
              offset,
              0,
              TimestampType.CREATE_TIME,
              0,
              value.length,
              "",
              value,
              new RecordHeaders(),
              java.util.Optional.empty()));
    }
    return records;
  }

  @Override
  public synchronized Map<TopicPartition, OffsetAndMetadata> committed(
      Set<TopicPartition> asked, Duration timeout) {
    return broker.committed(asked);
  }

  @Override
  public synchronized void commitSync(
      Map<TopicPartition, OffsetAndMetadata> offsets, Duration timeout) {
    broker.commit(offsets);
  }

  @Override
  public synchronized List<PartitionInfo> partitionsFor(String topic, Duration timeout) {
    return broker.partitions(topic);
  }
}
