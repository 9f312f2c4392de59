package io.smartedit.worker;

import io.smartedit.events.EditProgress;
import io.smartedit.events.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Tells how far edits are, at most once a second for each. Progress is told once and may be lost;
 * nothing waits for it. Thread-safe.
 */
final class ProgressTeller implements AutoCloseable {

  private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final Producer<String, SpecificRecord> producer;
  private final String worker;
  private final Clock clock;

  /** Weak, because of a job that another worker took over nothing more is heard. */
  private final Map<Job, Long> last = Collections.synchronizedMap(new WeakHashMap<>());

  ProgressTeller(Producer<String, SpecificRecord> producer, String worker, Clock clock) {
    this.producer = producer;
    this.worker = worker;
    this.clock = clock;
  }

  /** A job has made a step. */
  void stepped(Job job) {
    long now = System.nanoTime();
    Long before = last.putIfAbsent(job, now);
    Engine.Edit running = job.running;
    if (running == null || (before != null && now - before < PAUSE_NANOS)) {
      return;
    }
    last.put(job, now);
    EditProgress event =
        EditProgress.newBuilder()
            .setRequestId(job.request.getRequestId())
            .setTenant(job.request.getTenant())
            .setStep(running.step())
            .setSteps(running.steps())
            .setWorker(worker)
            .setAt(clock.instant())
            .build();
    var unused =
        producer.send(new ProducerRecord<>(Topics.PROGRESS, job.request.getRequestId(), event));
  }

  /** No more will be said of a job. */
  void ended(Job job) {
    last.remove(job);
  }

  @Override
  public void close() {
    producer.close(CLOSING);
  }
}
