package io.smartedit.benchmarks.chaos;

import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads the terminal events from the beginning, committed ones alone. Used from one thread.
 *
 * <p>It keeps only bytes until {@link #event} is asked, so that it follows while the registry is
 * away.
 */
final class Terminal implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(100);

  private final KafkaConsumer<String, byte[]> consumer;
  private final List<TopicPartition> partitions = new ArrayList<>();
  private final EventDeserializer<EditCompleted> completed;
  private final EventDeserializer<EditFailed> failed;

  Terminal(Rig rig) {
    SchemaRegistry registry = new HttpSchemaRegistry(rig.registryUrl(), null);
    completed = new EventDeserializer<>(registry, EditCompleted.getClassSchema());
    failed = new EventDeserializer<>(registry, EditFailed.getClassSchema());
    consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                rig.bootstrap(),
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed"),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    for (String topic : List.of(Topics.COMPLETED, Topics.FAILED)) {
      consumer
          .partitionsFor(topic)
          .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
    }
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Hands on what came within a moment. */
  void poll(Consumer<ConsumerRecord<String, byte[]>> each) {
    consumer.poll(POLL).forEach(each);
  }

  /** Hands on everything up to where the topics end now. */
  void readAll(Consumer<ConsumerRecord<String, byte[]>> each) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (partitions.stream()
        .anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
      poll(each);
    }
  }

  /** An {@link EditCompleted} or an {@link EditFailed}. */
  SpecificRecord event(ConsumerRecord<String, byte[]> record) {
    SpecificRecord event =
        record.topic().equals(Topics.COMPLETED)
            ? completed.deserialize(record.topic(), record.value())
            : failed.deserialize(record.topic(), record.value());
    if (event == null) {
      throw new IllegalStateException("an event without a value on " + record.topic());
    }
    return event;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
