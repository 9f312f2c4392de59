package io.smartedit.scaler;

import io.smartedit.events.EditMetrics;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.ModelWaiting;
import io.smartedit.events.RegistryException;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.service.EditSeconds;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the sink says: its windows of a minute, and how many requests wait in it for models that
 * nobody serves. Used by one thread.
 */
final class SinkReports {

  private static final Logger LOG = LoggerFactory.getLogger(SinkReports.class);
  private static final Duration MOMENT = Duration.ofMillis(100);
  private static final int MOST_MODELS = 100_000;
  private static final TopicPartition METRICS = new TopicPartition(Topics.METRICS, 0);
  private static final TopicPartition WAITING = new TopicPartition(Topics.WAITING, 0);

  private final Consumer<byte[], byte[]> consumer;
  private final EventDeserializer<EditMetrics> windows;
  private final EventDeserializer<ModelWaiting> counts;
  private final EditSeconds seconds = new EditSeconds();
  private final Map<String, ModelWaiting> waiting = new HashMap<>();
  private boolean begun;

  /**
   * @param consumer in no group
   */
  SinkReports(Consumer<byte[], byte[]> consumer, SchemaRegistry registry) {
    this.consumer = consumer;
    windows = new EventDeserializer<>(registry, EditMetrics.getClassSchema());
    counts = new EventDeserializer<>(registry, ModelWaiting.getClassSchema());
  }

  /** Reads what has come; the first time, all that counts now. */
  void read(Instant now) {
    if (!begun) {
      begin(now);
    }
    long end = begun ? 0 : consumer.endOffsets(List.of(WAITING)).getOrDefault(WAITING, 0L);
    do {
      consumer.poll(MOMENT).forEach(this::add);
    } while (consumer.position(WAITING) < end);
    begun = true;
  }

  /** What an edit takes the device, by model. */
  Map<String, Double> seconds(Instant now) {
    return seconds.means(now);
  }

  /** Requests that wait in the sink, by model. */
  Map<String, Long> waiting() {
    Map<String, Long> sums = new HashMap<>();
    waiting.values().forEach(said -> sums.merge(said.getModel(), said.getRequests(), Long::sum));
    return sums;
  }

  private void begin(Instant now) {
    consumer.assign(List.of(METRICS, WAITING));
    consumer.seekToBeginning(List.of(WAITING));
    long since = now.minus(EditSeconds.MEMORY).toEpochMilli();
    OffsetAndTimestamp first = consumer.offsetsForTimes(Map.of(METRICS, since)).get(METRICS);
    if (first == null) {
      consumer.seekToEnd(List.of(METRICS));
    } else {
      consumer.seek(METRICS, first.offset());
    }
  }

  /** What is none of these is passed over; where the registry is away, read again. */
  private void add(ConsumerRecord<byte[], byte[]> each) {
    try {
      if (each.topic().equals(Topics.METRICS)) {
        EditMetrics window = windows.deserialize(each.topic(), each.value());
        if (window != null) {
          seconds.add(window);
        }
      } else {
        count(counts.deserialize(each.topic(), each.value()));
      }
    } catch (SerializationException e) {
      TopicPartition place = new TopicPartition(each.topic(), each.partition());
      if (e instanceof RegistryException away
          && away.kind() != RegistryException.Kind.UNKNOWN_SCHEMA) {
        consumer.seek(place, each.offset());
        throw e;
      }
      LOG.warn("offset {} of {} says nothing: {}", each.offset(), place, e.getMessage());
    }
  }

  private void count(@Nullable ModelWaiting said) {
    if (said == null) {
      return;
    }
    String key = said.getModel() + "/" + said.getPartition();
    if (said.getRequests() <= 0) {
      waiting.remove(key);
    } else if (waiting.containsKey(key) || waiting.size() < MOST_MODELS) {
      waiting.put(key, said);
    }
  }
}
