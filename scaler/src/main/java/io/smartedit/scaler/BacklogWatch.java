package io.smartedit.scaler;

import io.smartedit.events.EditMetrics;
import io.smartedit.events.RegistryException;
import io.smartedit.events.Topics;
import io.smartedit.service.EditSeconds;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the backlog again and again, on a thread of its own, and tells listeners of each reading.
 * Where the broker is away the last reading grows old and is not given any more.
 */
final class BacklogWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BacklogWatch.class);

  /** A reading that is older says nothing of now. */
  static final Duration STALE = Duration.ofSeconds(30);

  private static final Duration MOMENT = Duration.ofMillis(100);
  private static final Duration CLOSING = Duration.ofSeconds(10);
  private static final TopicPartition METRICS = new TopicPartition(Topics.METRICS, 0);

  private final QueuedRequests queued;
  private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> metrics;
  private final Deserializer<EditMetrics> windows;
  private final EditSeconds seconds = new EditSeconds();
  private final double usual;
  private final Duration interval;
  private final Clock clock;
  private final Thread thread = new Thread(this::watch, "backlog");
  private final List<Consumer<Backlog>> listeners = new CopyOnWriteArrayList<>();
  private volatile Optional<Backlog> last = Optional.empty();
  private boolean complains = true;

  /**
   * @param metrics in no group
   * @param windows reads what lies on its topic
   * @param usual seconds of an edit of which none was measured
   */
  BacklogWatch(
      QueuedRequests queued,
      org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> metrics,
      Deserializer<EditMetrics> windows,
      double usual,
      Duration interval,
      Clock clock) {
    this.queued = queued;
    this.metrics = metrics;
    this.windows = windows;
    this.usual = usual;
    this.interval = interval;
    this.clock = clock;
  }

  void start() {
    thread.start();
  }

  /** The last reading, if it is fresh. */
  Optional<Backlog> backlog() {
    Instant oldest = clock.instant().minus(STALE);
    return last.filter(reading -> reading.readAt().isAfter(oldest));
  }

  /** Calls with every reading from now on, on the watch's thread; answers what ends it. */
  Runnable listen(Consumer<Backlog> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join(CLOSING.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void watch() {
    boolean seeking = true;
    try {
      while (!Thread.currentThread().isInterrupted()) {
        try {
          if (seeking) {
            seek();
            seeking = false;
          }
          read();
          complains = true;
        } catch (InterruptException e) {
          return;
        } catch (RuntimeException e) { // whatever it is, the backlog is not known meanwhile
          complain(e);
        }
        Thread.sleep(interval.toMillis());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closed
    }
  }

  /** Once for each time that something is away. */
  private void complain(RuntimeException e) {
    if (complains) {
      LOG.warn("the backlog cannot be read: {}", e.getMessage());
      complains = false;
    }
  }

  private void seek() {
    metrics.assign(List.of(METRICS));
    long since = clock.instant().minus(EditSeconds.MEMORY).toEpochMilli();
    OffsetAndTimestamp first = metrics.offsetsForTimes(Map.of(METRICS, since)).get(METRICS);
    if (first == null) {
      metrics.seekToEnd(List.of(METRICS));
    } else {
      metrics.seek(METRICS, first.offset());
    }
  }

  private void read() throws InterruptedException {
    for (ConsumerRecord<byte[], byte[]> each : metrics.poll(MOMENT)) {
      add(each);
    }
    Instant now = clock.instant();
    Backlog reading = new Backlog(queued.count(), seconds.means(now), usual, now);
    last = Optional.of(reading);
    listeners.forEach(listener -> listener.accept(reading));
  }

  /** What is no window is passed over; where the registry is away, read again. */
  private void add(ConsumerRecord<byte[], byte[]> each) {
    try {
      EditMetrics window = windows.deserialize(each.topic(), each.value());
      if (window != null) {
        seconds.add(window);
      }
    } catch (SerializationException e) {
      if (e instanceof RegistryException away
          && away.kind() != RegistryException.Kind.UNKNOWN_SCHEMA) {
        metrics.seek(METRICS, each.offset());
        throw e;
      }
      LOG.warn("offset {} of {} is no window: {}", each.offset(), METRICS, e.getMessage());
    }
  }
}
