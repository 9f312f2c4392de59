package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditProgress;
import io.smartedit.events.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes how far edits are, at most once a second for each. Progress is published once and may
 * be lost: it waits in a bounded queue for a thread of its own, and what finds the queue full, or
 * cannot be published, is dropped and counted. Thread-safe.
 */
final class ProgressPublisher implements JobEndings.Listener, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ProgressPublisher.class);
  private static final long PAUSE = Duration.ofSeconds(1).toNanos();
  private static final Duration CLOSING = Duration.ofSeconds(2);
  private static final int QUEUE = 1000;
  private static final int REMEMBERED = 1000;

  private final Producer<String, SpecificRecord> producer;
  private final String worker;
  private final Clock clock;
  private final Ticker ticker;
  private final BlockingQueue<EditProgress> queue = new ArrayBlockingQueue<>(QUEUE);
  private final AtomicLong dropped = new AtomicLong();
  private final Thread thread = new Thread(this::run, "progress");

  /** When something was last said of a job; of one that is another worker's nothing is heard. */
  private final Cache<Job, Long> last =
      Caffeine.newBuilder().maximumSize(REMEMBERED).weakKeys().build();

  /** The publisher owns the producer. */
  ProgressPublisher(
      Producer<String, SpecificRecord> producer, String worker, Clock clock, Ticker ticker) {
    this.producer = producer;
    this.worker = worker;
    this.clock = clock;
    this.ticker = ticker;
  }

  void start() {
    thread.setDaemon(true);
    thread.start();
  }

  /** A job has made a step. Never waits, throws nothing. */
  void stepped(Job job, int step, int steps) {
    long now = ticker.read();
    Long before = last.getIfPresent(job);
    if (before != null && now - before < PAUSE) {
      return;
    }
    last.put(job, now);
    EditProgress event =
        EditProgress.newBuilder()
            .setRequestId(job.taken().requestId())
            .setTenant(job.taken().request().getTenant())
            .setStep(step)
            .setSteps(steps)
            .setWorker(worker)
            .setAt(clock.instant())
            .build();
    if (!queue.offer(event)) {
      dropped.incrementAndGet();
    }
  }

  /** Events that were not published. */
  long dropped() {
    return dropped.get();
  }

  /** No more will be said of a job. */
  @Override
  public void answered(Job job, EditOutcome outcome, boolean firstOfItsId) {
    last.invalidate(job);
  }

  private void run() {
    try {
      while (true) {
        publish(queue.take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // closing
    }
  }

  /** May wait for the broker or the registry; nobody waits for it. */
  private void publish(EditProgress event) {
    try {
      var unused =
          producer.send(
              new ProducerRecord<>(Topics.PROGRESS, event.getRequestId(), event),
              (metadata, failure) -> {
                if (failure != null) {
                  dropped.incrementAndGet();
                }
              });
    } catch (RuntimeException | Error e) { // progress may be lost, the worker goes on
      dropped.incrementAndGet();
      LOG.debug("progress of {} is dropped", event.getRequestId(), e);
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    producer.close(CLOSING);
  }
}
