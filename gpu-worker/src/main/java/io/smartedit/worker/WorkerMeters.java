package io.smartedit.worker;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.smartedit.events.Cost;
import io.smartedit.events.EditOutcome;
import java.time.Duration;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.consumer.Consumer;

/**
 * The worker's meters: outcomes by status, seconds by stage, requests under way, and what the
 * consumer says of itself, its lag among it.
 */
final class WorkerMeters implements AutoCloseable {

  private static final double NANOS = 1e9;

  private final MeterRegistry registry;
  private final KafkaClientMetrics kafka;

  WorkerMeters(MeterRegistry registry, IntSupplier open, Consumer<?, ?> consumer) {
    this.registry = registry;
    kafka = new KafkaClientMetrics(consumer);
    kafka.bindTo(registry);
    Gauge.builder("smartedit.worker.open", () -> (double) open.getAsInt())
        .description("Requests taken and not yet answered.")
        .register(registry);
  }

  void answered(EditOutcome outcome) {
    registry.counter("smartedit.worker.outcomes", "status", outcome.getStatus().name()).increment();
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
    kafka.close();
  }

  private void time(String stage, double seconds) {
    Timer.builder("smartedit.worker.stage")
        .tag("stage", stage)
        .publishPercentileHistogram()
        .register(registry)
        .record(Duration.ofNanos(Math.round(seconds * NANOS)));
  }
}
