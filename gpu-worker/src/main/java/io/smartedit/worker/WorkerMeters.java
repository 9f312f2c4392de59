package io.smartedit.worker;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.smartedit.events.Cost;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.Status;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The worker's meters: outcomes by status, seconds by stage, requests under way, whether it is
 * held, and what the consumer says of itself, its lag among it.
 */
final class WorkerMeters implements JobEndings.Listener, AutoCloseable {

  private static final double NANOS = 1e9;

  private final MeterRegistry registry;
  private @Nullable KafkaClientMetrics kafka;

  /** Numbers that others keep. */
  record Watched(
      IntSupplier open,
      IntSupplier waiting,
      DoubleSupplier groupLag,
      BooleanSupplier held,
      LongSupplier dropped,
      IntSupplier batchLimit) {}

  WorkerMeters(MeterRegistry registry) {
    this.registry = registry;
    for (Status status : Status.values()) { // a rate is not seen of a counter that begins with 1
      outcomes(status);
    }
  }

  private Counter outcomes(Status status) {
    return registry.counter("smartedit.worker.outcomes", "status", status.name());
  }

  /** What is looked at whenever the meters are read. */
  void watch(Watched watched) {
    Gauge.builder("smartedit.worker.group.lag", watched.groupLag()::getAsDouble)
        .description("Requests of all workers that wait or are under way, in a share group.")
        .register(registry);
    Gauge.builder("smartedit.worker.open", () -> (double) watched.open().getAsInt())
        .description("Requests taken and not yet answered.")
        .register(registry);
    Gauge.builder("smartedit.worker.waiting", () -> (double) watched.waiting().getAsInt())
        .description("Requests read ahead, in memory or passed over, that wait for their turn.")
        .register(registry);
    Gauge.builder("smartedit.worker.held", () -> watched.held().getAsBoolean() ? 1 : 0)
        .description("1 while nothing is taken because something of ours has to be mended.")
        .register(registry);
    Gauge.builder("smartedit.worker.batch.limit", () -> (double) watched.batchLimit().getAsInt())
        .description("Edits that may share a denoising call, of the size that was called last.")
        .register(registry);
    Gauge.builder("smartedit.worker.progress.dropped", () -> (double) watched.dropped().getAsLong())
        .description("Progress events that could not be published.")
        .register(registry);
  }

  /** Serves what a consumer says of itself, too. */
  void follow(Consumer<?, ?> consumer) {
    KafkaClientMetrics own = new KafkaClientMetrics(consumer);
    own.bindTo(registry);
    kafka = own;
  }

  @Override
  public void answered(Job job, EditOutcome outcome, boolean firstOfItsId) {
    outcomes(outcome.getStatus()).increment();
    Cost cost = outcome.getCost();
    time("queued", cost.getQueued());
    time("fetched", cost.getFetched());
    time("read", cost.getRead());
    time("denoised", cost.getDenoised());
    time("developed", cost.getDeveloped());
    time("stored", cost.getStored());
  }

  @Override
  public void close() {
    if (kafka != null) {
      kafka.close();
    }
  }

  private void time(String stage, double seconds) {
    Timer.builder("smartedit.worker.stage")
        .tag("stage", stage)
        .publishPercentileHistogram()
        .register(registry)
        .record(Duration.ofNanos(Math.round(seconds * NANOS)));
  }
}
