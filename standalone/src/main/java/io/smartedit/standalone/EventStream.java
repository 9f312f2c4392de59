package io.smartedit.standalone;

import io.smartedit.events.BatchCompleted;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditProgress;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.RegistryException;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.standalone.local.LocalCluster.Endpoints;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows what becomes of requests. Used from one thread. */
final class EventStream implements AutoCloseable {

  private static final Map<String, Schema> SCHEMAS =
      Map.of(
          Topics.COMPLETED, EditCompleted.getClassSchema(),
          Topics.FAILED, EditFailed.getClassSchema(),
          Topics.PROGRESS, EditProgress.getClassSchema(),
          Topics.BATCHES, BatchCompleted.getClassSchema());

  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);

  private final Map<String, Deserializer<SpecificRecord>> deserializers = new HashMap<>();
  private final KafkaConsumer<String, byte[]> consumer;

  /** Follows from now on, or from the beginning. */
  EventStream(Endpoints endpoints, boolean fromBeginning) {
    SchemaRegistry registry = new HttpSchemaRegistry(endpoints.registry(), null);
    SCHEMAS.forEach(
        (topic, schema) ->
            deserializers.put(topic, new EventDeserializer<SpecificRecord>(registry, schema)));
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
    ConsumerRecords<String, byte[]> records = consumer.poll(Duration.ofMillis(200));
    for (TopicPartition partition : records.partitions()) {
      for (ConsumerRecord<String, byte[]> record : records.records(partition)) {
        if (!read(record, events)) {
          consumer.seek(partition, record.offset());
          break;
        }
      }
    }
  }

  /** False where the record must be read again; what can never be read is passed over. */
  private boolean read(ConsumerRecord<String, byte[]> record, Consumer<SpecificRecord> events) {
    Deserializer<SpecificRecord> deserializer = deserializers.get(record.topic());
    if (deserializer == null) {
      return true;
    }
    SpecificRecord event = null;
    try {
      event = deserializer.deserialize(record.topic(), record.value());
    } catch (SerializationException e) {
      boolean waits = e instanceof RegistryException registry && !registry.isUnknownSchema();
      LOG.warn("{} {}", waits ? "waiting:" : "passed over:", e.getMessage());
      return !waits;
    }
    if (event != null) {
      events.accept(event);
    }
    return true;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
