package io.smartedit.standalone;

import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditProgress;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.standalone.local.LocalCluster.Endpoints;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Follows what becomes of requests. Used from one thread. */
final class EventStream implements AutoCloseable {

  private static final Map<String, Schema> SCHEMAS =
      Map.of(
          Topics.COMPLETED, EditCompleted.getClassSchema(),
          Topics.FAILED, EditFailed.getClassSchema(),
          Topics.PROGRESS, EditProgress.getClassSchema());

  private final SchemaRegistry registry;
  private final KafkaConsumer<String, byte[]> consumer;

  /** Follows from now on, or from the beginning. */
  EventStream(Endpoints endpoints, boolean fromBeginning) {
    registry = new HttpSchemaRegistry(endpoints.registry(), null);
    consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                endpoints.bootstrap(),
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed"),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        SCHEMAS.keySet().stream()
            .flatMap(topic -> consumer.partitionsFor(topic).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    if (fromBeginning) {
      consumer.seekToBeginning(partitions);
    } else {
      consumer.seekToEnd(partitions);
      partitions.forEach(consumer::position);
    }
  }

  /** Hands on the events that come within a moment. */
  void poll(Consumer<SpecificRecord> events) {
    for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
      Schema schema = SCHEMAS.get(record.topic());
      if (schema != null) {
        SpecificRecord event =
            new EventDeserializer<SpecificRecord>(registry, schema)
                .deserialize(record.topic(), record.value());
        if (event != null) {
          events.accept(event);
        }
      }
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
