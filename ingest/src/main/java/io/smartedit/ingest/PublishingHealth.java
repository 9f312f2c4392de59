package io.smartedit.ingest;

import io.smartedit.events.AllowanceAsked;
import io.smartedit.events.BatchCommand;
import io.smartedit.events.EditCancelled;
import io.smartedit.events.EditRequested;
import io.smartedit.events.Paused;
import io.smartedit.events.RegistryException;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether requests can be published: the broker answers, and the schemas have their ids. A thread
 * of its own looks every few seconds. Thread-safe.
 */
final class PublishingHealth implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PublishingHealth.class);
  private static final Duration PAUSE = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Admin admin;
  private final SchemaRegistry registry;
  private final ScheduledExecutorService looking =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "publishing-health");
            thread.setDaemon(true);
            return thread;
          });
  private volatile boolean good;

  /**
   * @param kafka settings of a Kafka client
   */
  PublishingHealth(Map<String, Object> kafka, SchemaRegistry registry) {
    this.admin = Admin.create(kafka);
    this.registry = registry;
    ScheduledFuture<?> unused =
        looking.scheduleWithFixedDelay(this::look, 0, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
  }

  boolean isGood() {
    return good;
  }

  private void look() {
    boolean before = good;
    String fault = fault();
    good = fault.isEmpty();
    if (before != good || !good) {
      LOG.info("requests can{} be published {}", good ? "" : "not", fault);
    }
  }

  /** Empty where there is none. */
  private String fault() {
    try {
      int patience = (int) PATIENCE.toMillis();
      admin.describeCluster(new DescribeClusterOptions().timeoutMs(patience)).nodes().get();
      for (String topic : Topics.OF_REQUESTS) {
        registry.register(topic + "-value", EditRequested.getClassSchema());
      }
      registry.register(Topics.NAMED + "-value", EditRequested.getClassSchema());
      registry.register(Topics.CANCELLED + "-value", EditCancelled.getClassSchema());
      registry.register(Topics.BATCH_COMMANDS + "-value", BatchCommand.getClassSchema());
      registry.register(Topics.PAUSES + "-value", Paused.getClassSchema());
      registry.register(Topics.ALLOWANCES + "-value", AllowanceAsked.getClassSchema());
      return "";
    } catch (ExecutionException | RegistryException e) {
      return "for now: " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "any more";
    }
  }

  @Override
  public void close() {
    looking.shutdownNow();
    admin.close(Duration.ZERO);
  }
}
