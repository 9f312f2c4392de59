package io.smartedit.worker;

import io.smartedit.events.EventSerializer;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.service.TopicSetup;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The worker's Kafka clients. */
final class KafkaClients implements Clients {

  /** A dead worker's partitions are another's after this; brokers allow no less than 6 s. */
  private static final int SESSION_MILLIS = 8000;

  /** How soon a member hears that partitions move. */
  private static final int HEARTBEAT_MILLIS = 400;

  /** How long what a dead worker left open holds up readers; an open transaction lasts a moment. */
  private static final int TRANSACTION_MILLIS = 5000;

  /** How long the consumer's thread may be held up by a broker that is away. */
  private static final int MAX_BLOCK_MILLIS = 5000;

  private static final int MAX_POLL_MILLIS = 300_000;

  /** As brokers check it. */
  private static final Pattern INSTANCE = Pattern.compile("[a-zA-Z0-9._-]{1,249}");

  /** To be read ahead; some milliseconds' work. */
  private static final int POLL_RECORDS = 200;

  /** How long a fetch lies at the broker; what it brings later, a busy worker does not see. */
  private static final int FETCH_MILLIS = 200;

  /** What share consumers refuse: the group says it, or there is no such thing. */
  private static final Set<String> NOT_SHARED =
      Set.of(
          ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
          ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
          ConsumerConfig.GROUP_INSTANCE_ID_CONFIG,
          ConsumerConfig.ISOLATION_LEVEL_CONFIG,
          ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
          ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG,
          ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
          ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
          ConsumerConfig.GROUP_PROTOCOL_CONFIG,
          ConsumerConfig.GROUP_REMOTE_ASSIGNOR_CONFIG);

  private final WorkerSettings settings;
  private final SchemaRegistry registry;

  KafkaClients(WorkerSettings settings, SchemaRegistry registry) {
    this.settings = settings;
    this.registry = registry;
  }

  /**
   * A member of the workers' group. Static where its id may be one, so that a worker that comes
   * back at once finds its partitions as it left them; a dead one is noticed within seconds.
   */
  @Override
  public Consumer<String, byte[]> requests() {
    Map<String, Object> config = consumerConfig();
    config.put(ConsumerConfig.GROUP_ID_CONFIG, settings.group());
    if (INSTANCE.matcher(settings.workerId()).matches()) {
      config.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, settings.workerId());
    }
    config.putIfAbsent(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, SESSION_MILLIS);
    config.putIfAbsent(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, HEARTBEAT_MILLIS);
    config.put(ConsumerConfig.CLIENT_ID_CONFIG, settings.workerId());
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, POLL_RECORDS);
    config.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        CooperativeStickyAssignor.class.getName());
    return consumer(config);
  }

  @Override
  public Consumer<String, byte[]> cancellations() {
    return consumer(consumerConfig());
  }

  @Override
  public Producer<String, SpecificRecord> progress() {
    return producer(false);
  }

  @Override
  public Consumer<String, byte[]> attempts() {
    return consumer(consumerConfig());
  }

  /** It takes one record at a time and no more in advance, so that no lock runs unseen. */
  @Override
  public ShareConsumer<String, byte[]> shared(int number, String topic) {
    Map<String, Object> config = new HashMap<>(settings.cluster().kafka());
    config.keySet().removeAll(NOT_SHARED);
    config.put(ConsumerConfig.GROUP_ID_CONFIG, settings.shareGroup(topic));
    config.put(ConsumerConfig.CLIENT_ID_CONFIG, settings.workerId() + "-" + topic + "-" + number);
    config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
    config.putIfAbsent(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_MILLIS);
    config.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
    config.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
    ShareConsumer<String, byte[]> consumer =
        new KafkaShareConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
    consumer.subscribe(List.of(topic));
    return consumer;
  }

  @Override
  public ShareGroup shareGroups(List<String> topics) {
    Map<String, Object> config = new HashMap<>(settings.cluster().kafka());
    config.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, MAX_BLOCK_MILLIS);
    config.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, MAX_BLOCK_MILLIS);
    Map<String, String> groups = new HashMap<>();
    topics.forEach(topic -> groups.put(settings.shareGroup(topic), topic));
    return new KafkaShareGroup(Admin.create(config), settings.group(), groups);
  }

  @Override
  public Producer<String, SpecificRecord> durable() {
    return producer(false);
  }

  @Override
  public Producer<String, SpecificRecord> announcements() {
    return producer(false);
  }

  @Override
  public void ensure(List<Topics.Topic> topics) {
    TopicSetup.ensure(settings.cluster().kafka(), settings.cluster().topics(), topics);
  }

  @Override
  public Supplier<Producer<String, SpecificRecord>> outcomes() {
    return () -> producer(true);
  }

  private Producer<String, SpecificRecord> producer(boolean transactional) {
    Map<String, Object> config = new HashMap<>(settings.cluster().kafka());
    config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    config.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
    config.putIfAbsent(ProducerConfig.MAX_BLOCK_MS_CONFIG, MAX_BLOCK_MILLIS);
    if (settings.intake() == WorkerSettings.IntakeKind.SHARE) {
      config.putIfAbsent(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, MAX_BLOCK_MILLIS);
      config.putIfAbsent(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 2 * MAX_BLOCK_MILLIS);
    }
    if (transactional) {
      config.put(
          ProducerConfig.TRANSACTIONAL_ID_CONFIG, settings.group() + "-" + settings.workerId());
      config.putIfAbsent(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, TRANSACTION_MILLIS);
    }
    return new KafkaProducer<>(config, new StringSerializer(), new EventSerializer<>(registry));
  }

  /** How long edits may hold up a partition's move: the group waits for no longer than this. */
  static Duration handOver(WorkerSettings settings) {
    Object poll = settings.cluster().kafka().get(ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG);
    long millis = poll == null ? MAX_POLL_MILLIS : Long.parseLong(poll.toString());
    Duration most = Duration.ofMillis(millis / 2);
    return settings.handOver().compareTo(most) < 0 ? settings.handOver() : most;
  }

  private Map<String, Object> consumerConfig() {
    Map<String, Object> config = new HashMap<>(settings.cluster().kafka());
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    return config;
  }

  private static Consumer<String, byte[]> consumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
  }
}
