package io.smartedit.standalone.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.standalone.local.RegisteredSchema.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The compacted topic that schemas and levels are kept in; keys and values are JSON with the names
 * that Confluent's registry uses in its own. Not thread-safe.
 */
final class SchemaTopic implements AutoCloseable {

  /** Stands for all subjects that have no level of their own; no subject is called so. */
  static final String EVERY_SUBJECT = "";

  private static final Logger LOG = LoggerFactory.getLogger(SchemaTopic.class);
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

  /** What stands written: schemas in the order they came, and levels by their subject. */
  record Contents(List<RegisteredSchema> schemas, Map<String, CompatibilityLevel> levels) {}

  /** Everything that was written and not taken back. */
  Contents read() {
    Map<JsonNode, RegisteredSchema> schemas = new LinkedHashMap<>();
    Map<String, CompatibilityLevel> levels = new HashMap<>();
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
          try {
            read(record, schemas, levels);
          } catch (JsonProcessingException | IllegalArgumentException | RegistryRefusal e) {
            LOG.warn("{} offset {} is nothing of a registry's", PLACE, record.offset(), e);
          }
        }
      }
    }
    return new Contents(new ArrayList<>(schemas.values()), levels);
  }

  private static void read(
      ConsumerRecord<String, @Nullable String> record,
      Map<JsonNode, RegisteredSchema> schemas,
      Map<String, CompatibilityLevel> levels)
      throws JsonProcessingException {
    JsonNode key = JSON.readTree(String.valueOf(record.key()));
    String written = record.value();
    JsonNode value = written == null ? null : JSON.readTree(written);
    switch (key.path("keytype").asText()) {
      case "SCHEMA" -> {
        if (value == null) {
          schemas.remove(key);
        } else {
          schemas.put(key, schema(value));
        }
      }
      case "CONFIG" -> {
        String subject = key.path("subject").asText(EVERY_SUBJECT);
        if (value == null) {
          levels.remove(subject);
        } else {
          String level = value.path("compatibilityLevel").asText();
          levels.put(subject, CompatibilityLevel.named(level));
        }
      }
      default -> throw new IllegalArgumentException("unknown key " + key);
    }
  }

  private static RegisteredSchema schema(JsonNode value) {
    List<Reference> references = new ArrayList<>();
    for (JsonNode reference : value.path("references")) {
      references.add(
          new Reference(
              reference.path("name").asText(),
              reference.path("subject").asText(),
              reference.path("version").asInt()));
    }
    return new RegisteredSchema(
        value.path("subject").asText(),
        value.path("version").asInt(),
        value.path("id").asInt(),
        value.path("schema").asText(),
        references,
        value.path("deleted").asBoolean());
  }

  /**
   * Keeps a schema; returns once the broker has it.
   *
   * @throws IllegalStateException if it does not take it within 10 seconds
   */
  void append(RegisteredSchema entry) {
    ObjectNode value =
        JSON.createObjectNode()
            .put("subject", entry.subject())
            .put("version", entry.version())
            .put("id", entry.id())
            .put("schema", entry.schema())
            .put("deleted", entry.deleted());
    if (!entry.references().isEmpty()) {
      value.set("references", JSON.valueToTree(entry.references()));
    }
    write(key(entry), value.toString());
  }

  /** Takes a schema back for good. */
  void remove(RegisteredSchema entry) {
    write(key(entry), null);
  }

  private static String key(RegisteredSchema entry) {
    return JSON.createObjectNode()
        .put("keytype", "SCHEMA")
        .put("subject", entry.subject())
        .put("version", entry.version())
        .put("magic", 1)
        .toString();
  }

  /** Keeps a subject's level, or takes it back. */
  void append(String subject, @Nullable CompatibilityLevel level) {
    ObjectNode key = JSON.createObjectNode().put("keytype", "CONFIG");
    key.put("subject", subject.equals(EVERY_SUBJECT) ? null : subject).put("magic", 0);
    String value =
        level == null
            ? null
            : JSON.createObjectNode().put("compatibilityLevel", level.name()).toString();
    write(key.toString(), value);
  }

  private void write(String key, @Nullable String value) {
    try {
      producer.send(new ProducerRecord<>(PLACE.topic(), PLACE.partition(), key, value)).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the broker did not take " + key, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while writing " + key, e);
    }
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
  }
}
