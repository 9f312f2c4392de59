package io.smartedit.service;

import io.smartedit.events.RegistryException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A reader of whole topics, from their beginning and on, on a thread of its own and in no consumer
 * group. Whatever lies there and however often broker or registry are away, it goes on; it says
 * since when it has known everything. What it hands on comes on its thread; it may be asked from
 * any.
 */
public final class TopicFollower implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TopicFollower.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration LONGEST_REST = Duration.ofSeconds(5);
  private static final long FIRST_REST_MILLIS = 100;
  private static final int DOUBLINGS = 6;

  /** How often the topics' ends are asked for, by which it is known that nothing is missed. */
  private static final Duration CHECK = Duration.ofSeconds(5);

  private final Consumer<String, byte[]> consumer;
  private final Map<String, Reader> readers;
  private final Clock clock;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Map<TopicPartition, Long> ends = new HashMap<>();
  private Instant checked = Instant.MIN;
  private int failures;
  private volatile @Nullable Known known;

  /** Everything has been known without a gap from one time to another. */
  private record Known(Instant since, Instant until) {}

  /** What becomes of a record. */
  @FunctionalInterface
  public interface Reader {
    /**
     * Takes a record. Whatever it throws, the next one comes; only where the registry cannot be
     * asked now this one comes again.
     *
     * @param value null where the key's last value is taken back
     * @param time the record's
     */
    void read(@Nullable String key, byte @Nullable [] value, Instant time);
  }

  /**
   * Follows topics of a cluster.
   *
   * @param kafka settings of a Kafka client
   * @param readers by topic
   */
  public TopicFollower(Map<String, Object> kafka, Map<String, Reader> readers, Clock clock) {
    this(consumer(kafka), readers, clock);
  }

  /** As the other; owns the consumer, which is in no group and begins with what is there first. */
  public TopicFollower(
      Consumer<String, byte[]> consumer, Map<String, Reader> readers, Clock clock) {
    this.consumer = consumer;
    this.readers = Map.copyOf(readers);
    this.clock = clock;
    thread = new Thread(this::run, "follower");
    thread.setDaemon(true);
  }

  private static Consumer<String, byte[]> consumer(Map<String, Object> kafka) {
    Map<String, Object> config = new HashMap<>(kafka);
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    return new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer());
  }

  /** Begins; returns at once. */
  public void start() {
    thread.start();
  }

  /** Since when all that is written is known within seconds; empty where it is not. */
  public Optional<Instant> knownSince() {
    Known now = known;
    if (now == null || now.until().plus(CHECK.multipliedBy(3)).isBefore(clock.instant())) {
      return Optional.empty();
    }
    return Optional.of(now.since());
  }

  private void run() {
    try (consumer) {
      while (closing.getCount() > 0) {
        try {
          follow();
          failures = 0;
        } catch (WakeupException e) {
          return; // closing
        } catch (KafkaException e) {
          known = null;
          LOG.warn("{} wait: {}", readers.keySet(), e.getMessage());
          rest();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      known = null;
    }
  }

  private void follow() throws InterruptedException {
    Instant now = clock.instant();
    if (ends.isEmpty()) {
      begin();
    }
    if (checked.isBefore(now.minus(CHECK))) {
      ends.putAll(consumer.endOffsets(ends.keySet(), PATIENCE));
      checked = now;
    }
    read(consumer.poll(POLL));
    if (checked.equals(now) || known == null) {
      confirm();
    }
  }

  private void begin() {
    List<TopicPartition> partitions =
        readers.keySet().stream()
            .flatMap(topic -> consumer.partitionsFor(topic, PATIENCE).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    partitions.forEach(partition -> ends.put(partition, Long.MAX_VALUE));
    checked = Instant.MIN;
  }

  private void confirm() {
    for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
      if (consumer.position(end.getKey(), PATIENCE) < end.getValue()) {
        return;
      }
    }
    Known before = known;
    Instant since = before == null || knownSince().isEmpty() ? clock.instant() : before.since();
    known = new Known(since, clock.instant());
  }

  private void read(ConsumerRecords<String, byte[]> records) throws InterruptedException {
    for (TopicPartition partition : records.partitions()) {
      for (ConsumerRecord<String, byte[]> record : records.records(partition)) {
        if (!read(record)) {
          consumer.seek(partition, record.offset());
          known = null;
          rest();
          break;
        }
      }
    }
  }

  /** False where the record must be read again. */
  private boolean read(ConsumerRecord<String, byte[]> record) {
    Reader reader = readers.get(record.topic());
    try {
      if (reader != null) {
        reader.read(record.key(), record.value(), Instant.ofEpochMilli(record.timestamp()));
      }
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      boolean waits = e instanceof RegistryException registry && !registry.isUnknownSchema();
      LOG.warn(
          "{}-{} {}: {}",
          record.topic(),
          record.offset(),
          waits ? "waits" : "changes nothing",
          e.getMessage());
      return !waits;
    }
    return true;
  }

  private void rest() throws InterruptedException {
    long millis = FIRST_REST_MILLIS << Math.min(failures, DOUBLINGS);
    failures++;
    boolean closed =
        closing.await(Math.min(millis, LONGEST_REST.toMillis()), TimeUnit.MILLISECONDS);
    LOG.trace("rested, closed is {}", closed);
  }

  @Override
  public void close() {
    closing.countDown();
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
