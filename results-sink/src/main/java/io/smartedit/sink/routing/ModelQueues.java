package io.smartedit.sink.routing;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;

import io.smartedit.events.RequestRules;
import io.smartedit.events.Topics;
import io.smartedit.service.WorkerGroup;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What lies on models' own topics and was not done by their workers, who may all have gone. Used by
 * one thread.
 */
final class ModelQueues implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(200);

  private final Admin admin;
  private final Consumer<byte[], byte[]> reader;
  private final WorkerGroup group;

  /**
   * @param kafka settings of a Kafka client
   * @param group of the workers
   */
  ModelQueues(Map<String, Object> kafka, String group) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) LIMIT.toMillis());
    config.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) LIMIT.toMillis());
    admin = Admin.create(config);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    reader = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    this.group = new WorkerGroup(admin, group);
  }

  /** Topics of models that have, or had, workers, by model. */
  Map<String, Set<String>> topics() throws InterruptedException {
    return group.topics().stream()
        .filter(topic -> RequestRules.isName(Topics.modelOf(topic)))
        .collect(groupingBy(Topics::modelOf, toSet()));
  }

  /** The partitions of topics. */
  List<WorkerGroup.Queue> of(Set<String> topics) throws InterruptedException {
    return group.queues(topics);
  }

  /**
   * Reads from one offset to another, or to the first record that is not wanted.
   *
   * @return the offset behind what was wanted
   */
  long read(
      TopicPartition partition,
      long from,
      long to,
      Predicate<ConsumerRecord<byte[], byte[]>> wanted) {
    if (from >= to) {
      return from;
    }
    reader.assign(Set.of(partition));
    reader.seek(partition, from);
    long end = System.nanoTime() + LIMIT.toNanos();
    while (reader.position(partition) < to && System.nanoTime() < end) {
      for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
        if (!wanted.test(record)) {
          return record.offset();
        }
      }
    }
    return reader.position(partition);
  }

  @Override
  public void close() {
    reader.close();
    admin.close();
  }
}
