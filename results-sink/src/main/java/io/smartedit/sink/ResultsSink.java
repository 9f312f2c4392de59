package io.smartedit.sink;

import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.service.HttpEndpoint;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.HostInfo;

/**
 * The sink as a Kafka Streams application, exactly once: each request that a worker answered ends
 * in one event on {@code edits.completed} or {@code edits.failed}; minutes are summed up on {@code
 * edits.metrics}; its HTTP side says what became of a request.
 *
 * <p>A record that can never be read is logged and counted ({@code kafka.stream.*.dropped.records}
 * of {@code /metrics}).
 */
public final class ResultsSink implements AutoCloseable {

  private static final Duration CLOSING = Duration.ofSeconds(20);
  private static final long MAX_BODY = 1024;

  private final KafkaStreams streams;
  private final KafkaStreamsMetrics meters;
  private final HttpEndpoint endpoint;

  /** Begins to answer HTTP at once; the stream begins with {@link #start}. */
  public ResultsSink(SinkSettings settings, SchemaRegistry registry) {
    endpoint = new HttpEndpoint(MAX_BODY, this::isReady).start(settings.host(), settings.port());
    HostInfo self =
        settings.advertised().isEmpty()
            ? new HostInfo("127.0.0.1", endpoint.port())
            : HostInfo.buildFromEndpoint(settings.advertised());
    Properties config = new Properties();
    config.putAll(settings.cluster().kafka());
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.applicationId());
    config.put(StreamsConfig.APPLICATION_SERVER_CONFIG, self.host() + ":" + self.port());
    config.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateFolder().toString());
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    config.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, SkipUnreadable.class);
    streams = new KafkaStreams(SinkTopology.build(registry), config);
    streams.setUncaughtExceptionHandler(e -> StreamThreadExceptionResponse.REPLACE_THREAD);
    meters = new KafkaStreamsMetrics(streams);
    meters.bindTo(endpoint.meters());
    new StatusPages(streams, self).addTo(endpoint);
  }

  public void start() {
    streams.start();
  }

  /** Whether every partition is served. */
  public boolean isReady() {
    return streams != null && streams.state() == KafkaStreams.State.RUNNING;
  }

  /** Port of the HTTP side. */
  public int port() {
    return endpoint.port();
  }

  @Override
  public void close() {
    streams.close(CLOSING);
    meters.close();
    endpoint.close();
  }
}
