package io.smartedit.sink.routing;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import io.smartedit.events.RequestRules;
import io.smartedit.events.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lies on models' own topics and was not done by their workers, who may all have gone. Used by
 * one thread.
 */
final class ModelQueues implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ModelQueues.class);
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration POLL = Duration.ofMillis(200);

  private final Admin admin;
  private final Consumer<byte[], byte[]> reader;
  private final String group;

  /** A partition, from where its group stands to its end. */
  record Queue(TopicPartition partition, long begin, long end) {}

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
    this.group = group;
  }

  /** Models that have, or had, workers. */
  Set<String> models() throws InterruptedException {
    return answer(admin.listTopics().names()::get).stream()
        .filter(topic -> Topics.OF_REQUESTS.contains(Topics.withoutModel(topic)))
        .filter(topic -> !Topics.OF_REQUESTS.contains(topic))
        .map(topic -> topic.substring(Topics.ofModel(Topics.withoutModel(topic), "").length()))
        .filter(RequestRules::isName)
        .collect(toSet());
  }

  /** The partitions of a model's topics. */
  List<Queue> of(String model) throws InterruptedException {
    Set<String> there = answer(admin.listTopics().names()::get);
    Set<String> topics =
        Topics.OF_REQUESTS.stream()
            .map(topic -> Topics.ofModel(topic, model))
            .filter(there::contains)
            .collect(toSet());
    Set<TopicPartition> partitions =
        answer(admin.describeTopics(topics).allTopicNames()::get).values().stream()
            .flatMap(
                topic ->
                    topic.partitions().stream()
                        .map(each -> new TopicPartition(topic.name(), each.partition())))
            .collect(toSet());
    Map<TopicPartition, Long> begins = offsets(partitions, OffsetSpec.earliest());
    stands(topics)
        .forEach(
            (partition, offset) ->
                begins.computeIfPresent(partition, (key, first) -> Math.max(first, offset)));
    List<Queue> queues = new ArrayList<>();
    offsets(partitions, OffsetSpec.latest())
        .forEach(
            (partition, end) ->
                queues.add(new Queue(partition, begins.getOrDefault(partition, 0L), end)));
    return queues;
  }

  /** Where workers' groups stand; behind that a share group may have done some already. */
  private Map<TopicPartition, Long> stands(Set<String> topics) throws InterruptedException {
    Map<TopicPartition, Long> stands = new HashMap<>();
    answer(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()::get)
        .forEach(
            (partition, offset) -> {
              if (offset != null) {
                stands.put(partition, offset.offset());
              }
            });
    for (String topic : topics) {
      String name = group + "-" + topic;
      try {
        answer(
                admin
                        .listShareGroupOffsets(Map.of(name, new ListShareGroupOffsetsSpec()))
                        .partitionsToOffsetInfo(name)
                    ::get)
            .forEach(
                (partition, info) -> {
                  if (info != null) {
                    stands.merge(partition, info.startOffset(), Math::max);
                  }
                });
      } catch (GroupIdNotFoundException | UnsupportedVersionException e) {
        LOG.debug("{} is no share group: {}", name, e.getMessage());
      }
    }
    return stands;
  }

  private Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, OffsetSpec spec)
      throws InterruptedException {
    Map<TopicPartition, OffsetSpec> wanted =
        partitions.stream().collect(toMap(Function.identity(), partition -> spec));
    Map<TopicPartition, Long> offsets = new HashMap<>();
    answer(admin.listOffsets(wanted).all()::get)
        .forEach((partition, info) -> offsets.put(partition, info.offset()));
    return offsets;
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

  private interface Answer<T> {
    T get() throws InterruptedException, ExecutionException;
  }

  private static <T> T answer(Answer<T> asked) throws InterruptedException {
    try {
      return asked.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e);
    }
  }

  @Override
  public void close() {
    reader.close();
    admin.close();
  }
}
