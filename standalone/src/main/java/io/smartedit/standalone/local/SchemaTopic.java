package io.smartedit.standalone.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.standalone.local.SchemaLog.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The compacted topic registered schemas are kept in; keys and values are JSON with the names that
 * Confluent's registry uses in its own. Not thread-safe.
 */
final class SchemaTopic implements AutoCloseable {

  private static final TopicPartition PLACE = new TopicPartition("_schemas", 0);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String bootstrap;
  private final KafkaProducer<String, String> producer;

  SchemaTopic(String bootstrap) {
    this.bootstrap = bootstrap;
    ensureTopic();
    producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                bootstrap,
                "delivery.timeout.ms",
                10_000,
                "request.timeout.ms",
                5_000,
                "max.block.ms",
                10_000,
                "linger.ms",
                0),
            new StringSerializer(),
            new StringSerializer());
  }

  private void ensureTopic() {
    NewTopic topic =
        new NewTopic(PLACE.topic(), Optional.of(1), Optional.empty())
            .configs(Map.of("cleanup.policy", "compact"));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin.createTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new IllegalStateException("cannot create " + PLACE.topic(), e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while creating " + PLACE.topic(), e);
    }
  }

  /** Everything that was written, in the order it was. */
  List<Entry> read() {
    List<Entry> entries = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrap),
            new StringDeserializer(),
            new StringDeserializer())) {
      consumer.assign(List.of(PLACE));
      consumer.seekToBeginning(List.of(PLACE));
      long end = consumer.endOffsets(List.of(PLACE)).getOrDefault(PLACE, 0L);
      while (consumer.position(PLACE) < end) {
        for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
          entries.add(entry(record));
        }
      }
    }
    return entries;
  }

  private static Entry entry(ConsumerRecord<String, String> record) {
    try {
      JsonNode value = JSON.readTree(record.value());
      return new Entry(
          value.path("subject").asText(),
          value.path("version").asInt(),
          value.path("id").asInt(),
          value.path("schema").asText());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          PLACE + " holds something else than schemas at offset " + record.offset(), e);
    }
  }

  /**
   * Keeps an entry; returns once the broker has it.
   *
   * @throws IllegalStateException if it does not take it within 10 seconds
   */
  void append(Entry entry) {
    String key =
        JSON.createObjectNode()
            .put("keytype", "SCHEMA")
            .put("subject", entry.subject())
            .put("version", entry.version())
            .put("magic", 1)
            .toString();
    String value =
        JSON.createObjectNode()
            .put("subject", entry.subject())
            .put("version", entry.version())
            .put("id", entry.id())
            .put("schema", entry.schema())
            .put("deleted", false)
            .toString();
    try {
      producer.send(new ProducerRecord<>(PLACE.topic(), PLACE.partition(), key, value)).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the broker did not take " + entry.subject(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while writing " + entry.subject(), e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
  }
}
