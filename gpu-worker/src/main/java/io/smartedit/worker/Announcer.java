package io.smartedit.worker;

import io.smartedit.editor.SmartEdit;
import io.smartedit.events.Topics;
import io.smartedit.events.WorkerAnnounced;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedSet;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which model this worker serves and with which adapters, again and again on a thread of its
 * own, and takes it back in the end. What is not said again is stale soon. Thread-safe.
 */
final class Announcer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Announcer.class);
  private static final Duration PAUSE = Duration.ofSeconds(5);
  private static final Duration CLOSING = Duration.ofSeconds(5);

  /** So that some may be lost. */
  private static final Duration VALID = PAUSE.multipliedBy(6);

  private final Producer<String, SpecificRecord> producer;
  private final WorkerSettings settings;
  private final List<String> adapters;
  private final Clock clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread announcing = new Thread(task, "announcer");
            announcing.setDaemon(true);
            return announcing;
          });
  private boolean begun;

  /** The announcer owns the producer; {@code adapters} are those of its model here. */
  Announcer(
      Producer<String, SpecificRecord> producer,
      WorkerSettings settings,
      SortedSet<String> adapters,
      Clock clock) {
    this.producer = producer;
    this.settings = settings;
    this.adapters = List.copyOf(adapters);
    this.clock = clock;
  }

  /** Says it from now on; nothing where it is closed, or the model has no name to ask for. */
  synchronized void start() {
    if (thread.isShutdown() || settings.modelTopics().isEmpty()) {
      return;
    }
    begun = true;
    WorkerAnnounced said = announcement(clock.instant());
    Future<?> unused =
        thread.scheduleWithFixedDelay(() -> say(said), 0, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
  }

  private WorkerAnnounced announcement(Instant since) {
    return WorkerAnnounced.newBuilder()
        .setWorker(settings.workerId())
        .setModel(settings.modelName())
        .setServesUnnamed(settings.servesUnnamed())
        .setVersion(SmartEdit.VERSION)
        .setAdapters(adapters)
        .setBatch(settings.batch().usual())
        .setFair(settings.intake() == WorkerSettings.IntakeKind.PARTITIONS)
        .setShares(settings.shares().named())
        .setValidMillis((int) VALID.toMillis())
        .setSince(since)
        .build();
  }

  private void say(@Nullable WorkerAnnounced what) {
    try {
      Future<?> unused =
          producer.send(
              new ProducerRecord<>(Topics.WORKERS, settings.workerId(), what),
              (place, fault) -> explain(fault));
    } catch (KafkaException | IllegalStateException e) { // the latter once it is closed
      explain(e);
    }
  }

  private static void explain(@Nullable Exception fault) {
    if (fault != null) {
      LOG.warn("what this worker serves could not be said: {}", fault.getMessage());
    }
  }

  /** Takes it back, so that nothing more is sent here. */
  @Override
  public synchronized void close() {
    if (thread.isShutdown()) {
      return;
    }
    if (begun) {
      thread.execute(() -> say(null));
    }
    thread.shutdown();
    try {
      boolean said = thread.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS);
      LOG.debug("the announcement was taken back: {}", said);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close(CLOSING);
  }
}
