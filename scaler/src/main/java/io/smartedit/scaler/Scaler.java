package io.smartedit.scaler;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.Gauge;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.service.HttpEndpoint;
import io.smartedit.service.WorkerGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * KEDA's external scaler of the workers. It keeps nothing and writes nothing; any number of them
 * may run. It is there when no worker is, so workers may be scaled to none and back.
 */
public final class Scaler implements AutoCloseable {

  private static final long MAX_BODY = 1024;
  private static final int WINDOWS = 1000;
  private static final long CLOSING_SECONDS = 5;
  private static final int MOST_MESSAGE_BYTES = 1 << 16;

  private final Admin admin;
  private final Consumer<byte[], byte[]> requests;
  private final Consumer<byte[], byte[]> metrics;
  private final BacklogWatch watch;
  private final HttpEndpoint endpoint;
  private final Server server;

  /** Starts at once. */
  public Scaler(ScalerSettings settings, SchemaRegistry registry, Clock clock) throws IOException {
    Map<String, Object> kafka = settings.cluster().kafka();
    admin = Admin.create(kafka);
    requests = consumer(kafka, 1);
    metrics = consumer(kafka, WINDOWS);
    watch =
        new BacklogWatch(
            new QueuedRequests(new WorkerGroup(admin, settings.group()), requests),
            new SinkReports(metrics, registry),
            settings.secondsPerEdit(),
            settings.interval(),
            clock);
    endpoint = new HttpEndpoint(MAX_BODY, () -> watch.backlog().isPresent());
    Gauge.builder("smartedit.scaler.backlog.seconds", this, Scaler::seconds)
        .description("Device time that requests which name no model want")
        .register(endpoint.meters());
    endpoint.start(settings.host(), settings.port());
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(settings.host(), settings.grpcPort()))
            .addService(new KedaService(watch))
            .maxInboundMessageSize(MOST_MESSAGE_BYTES)
            .build()
            .start();
    watch.start();
  }

  /** Port of the HTTP side: health and metrics. */
  public int port() {
    return endpoint.port();
  }

  /** Port that KEDA asks. */
  public int grpcPort() {
    return server.getPort();
  }

  @Override
  public void close() {
    server.shutdownNow();
    try {
      server.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    watch.close();
    endpoint.close();
    requests.close();
    metrics.close();
    admin.close();
  }

  private double seconds() {
    return watch.backlog().map(backlog -> backlog.seconds(Backlog.ANY)).orElse(Double.NaN);
  }

  private static Consumer<byte[], byte[]> consumer(Map<String, Object> kafka, int records) {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, records);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }
}
