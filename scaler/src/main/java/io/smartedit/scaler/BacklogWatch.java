package io.smartedit.scaler;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.InterruptException;
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

  private static final Duration CLOSING = Duration.ofSeconds(10);

  private final QueuedRequests queued;
  private final SinkReports reports;
  private final double usual;
  private final Duration interval;
  private final Clock clock;
  private final Thread thread = new Thread(this::watch, "backlog");
  private final List<Consumer<Backlog>> listeners = new CopyOnWriteArrayList<>();
  private volatile Optional<Backlog> last = Optional.empty();
  private boolean complains = true;

  /**
   * @param usual seconds of an edit of which none was measured
   */
  BacklogWatch(
      QueuedRequests queued, SinkReports reports, double usual, Duration interval, Clock clock) {
    this.queued = queued;
    this.reports = reports;
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
    try {
      while (!Thread.currentThread().isInterrupted()) {
        try {
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

  private void read() throws InterruptedException {
    Instant now = clock.instant();
    reports.read(now);
    Map<String, Long> counts = new HashMap<>(queued.count());
    reports.waiting().forEach((model, requests) -> counts.merge(model, requests, Long::sum));
    Backlog reading = new Backlog(counts, reports.seconds(now), usual, clock.instant());
    last = Optional.of(reading);
    listeners.forEach(listener -> listener.accept(reading));
  }
}
