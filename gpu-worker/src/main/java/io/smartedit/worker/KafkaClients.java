package io.smartedit.worker;

import io.smartedit.events.EventSerializer;
import io.smartedit.events.SchemaRegistry;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The worker's Kafka clients. */
final class KafkaClients {

  /** Small, so that a poll takes hardly more than there is room for. */
  private static final int POLL_RECORDS = 4;

  private KafkaClients() {}

  static KafkaConsumer<String, byte[]> requests(WorkerSettings settings) {
    Map<String, Object> config = consumerConfig(settings);
    config.put(ConsumerConfig.GROUP_ID_CONFIG, settings.group());
    config.put(ConsumerConfig.CLIENT_ID_CONFIG, settings.workerId());
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS);
    config.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    return consumer(config);
  }

  static KafkaConsumer<String, byte[]> cancellations(WorkerSettings settings) {
    return consumer(consumerConfig(settings));
  }

  /** Transactional where an id is given. */
  static KafkaProducer<String, SpecificRecord> producer(
      WorkerSettings settings, SchemaRegistry registry, boolean transactional) {
    Map<String, Object> config = new HashMap<>(settings.cluster().kafka());
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    if (transactional) {
      config.put(
          ProducerConfig.TRANSACTIONAL_ID_CONFIG, settings.group() + "-" + settings.workerId());
    }
    return new KafkaProducer<>(config, new StringSerializer(), new EventSerializer<>(registry));
  }

  private static Map<String, Object> consumerConfig(WorkerSettings settings) {
    Map<String, Object> config = new HashMap<>(settings.cluster().kafka());
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    return config;
  }

  private static KafkaConsumer<String, byte[]> consumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
  }
}
