package io.smartedit.ingest;

import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditMetrics;
import io.smartedit.events.EditProgress;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.service.EditEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows progress, ends and what is held on their topics, from now on, for those who subscribe,
 * and the metrics of the last day. A thread of its own consumes in no group: every front door sees
 * everything, and nothing is committed. What cannot be read is passed over; while broker or
 * registry is away it tries again.
 */
final class EventFeed implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(EventFeed.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration CLOSE = Duration.ofSeconds(10);
  private static final long PAUSE_MILLIS = 2000;

  private final Map<String, Object> config;
  private final Map<String, EventDeserializer<? extends SpecificRecord>> readers;
  private final EventSubscriptions subscriptions;
  private final MetricsHistory history;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread events = new Thread(task, "events");
            events.setDaemon(true);
            return events;
          });
  private volatile @Nullable Consumer<byte[], byte[]> current;
  private volatile boolean closed;

  /**
   * Begins to follow.
   *
   * @param kafka settings of a Kafka client
   */
  EventFeed(
      Map<String, Object> kafka,
      SchemaRegistry registry,
      EventSubscriptions subscriptions,
      MetricsHistory history) {
    config = new HashMap<>(kafka);
    config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
    readers =
        Map.of(
            Topics.PROGRESS, reader(registry, EditProgress.getClassSchema()),
            Topics.COMPLETED, reader(registry, EditCompleted.getClassSchema()),
            Topics.FAILED, reader(registry, EditFailed.getClassSchema()),
            Topics.VERDICTS, reader(registry, EditVerdict.getClassSchema()),
            Topics.METRICS, reader(registry, EditMetrics.getClassSchema()));
    this.subscriptions = subscriptions;
    this.history = history;
    thread.execute(this::run);
  }

  private static EventDeserializer<SpecificRecord> reader(SchemaRegistry registry, Schema schema) {
    return new EventDeserializer<>(registry, schema);
  }

  private void run() {
    while (!closed) {
      try (Consumer<byte[], byte[]> consumer =
          new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
        current = consumer;
        follow(consumer);
      } catch (WakeupException e) {
        return; // it is closed
      } catch (RuntimeException e) {
        LOG.warn("events cannot be followed for now: {}", e.toString());
        pause();
      }
    }
  }

  private void follow(Consumer<byte[], byte[]> consumer) {
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : readers.keySet()) {
      consumer
          .partitionsFor(topic)
          .forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
    }
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    seekToHistory(consumer, partitions);
    partitions.forEach(consumer::position);
    LOG.info("follows events on {} partitions", partitions.size());
    while (!closed) {
      consumer.poll(POLL).forEach(this::handOn);
    }
  }

  /** Of metrics the last day is wanted, too. */
  private static void seekToHistory(
      Consumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
    long since = Instant.now().minus(MetricsHistory.SPAN).toEpochMilli();
    Map<TopicPartition, Long> asked = new HashMap<>();
    for (TopicPartition partition : partitions) {
      if (partition.topic().equals(Topics.METRICS)) {
        asked.put(partition, since);
      }
    }
    consumer
        .offsetsForTimes(asked)
        .forEach(
            (partition, first) -> {
              if (first != null) {
                consumer.seek(partition, first.offset());
              }
            });
  }

  private void handOn(ConsumerRecord<byte[], byte[]> record) {
    EventDeserializer<? extends SpecificRecord> reader = readers.get(record.topic());
    if (reader == null) {
      return;
    }
    SpecificRecord event;
    try {
      event = reader.deserialize(record.topic(), record.value());
    } catch (SerializationException e) {
      LOG.debug("passes over {}", record, e);
      return;
    }
    if (event instanceof EditMetrics minute) {
      history.add(minute);
    } else if (event != null) {
      String id = record.topic() + "-" + record.partition() + "-" + record.offset();
      EditEvent.of(id, event).ifPresent(subscriptions::publish);
    }
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      closed = true;
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.shutdown(); // an interrupt would break off the consumer's own closing
    Consumer<byte[], byte[]> open = current;
    if (open != null) {
      open.wakeup();
    }
    try {
      if (!thread.awaitTermination(CLOSE.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("the thread that follows events does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
