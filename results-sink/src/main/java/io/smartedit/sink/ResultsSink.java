package io.smartedit.sink;

import io.smartedit.events.SchemaRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/**
 * The sink as a Kafka Streams application, exactly once: each request that a worker answered ends
 * in one event on {@code edits.completed} or {@code edits.failed}.
 */
public final class ResultsSink implements AutoCloseable {

  private static final Duration CLOSING = Duration.ofSeconds(20);

  private final KafkaStreams streams;

  /**
   * @param applicationId the same for all instances of one sink
   * @param stateFolder keeps what was answered; rebuilt from Kafka where it is lost
   */
  public ResultsSink(
      String bootstrap, String applicationId, Path stateFolder, SchemaRegistry registry) {
    Properties config = new Properties();
    config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    config.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
    config.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder.toString());
    config.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    config.put(
        StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG,
        LogAndContinueExceptionHandler.class);
    streams = new KafkaStreams(SinkTopology.build(registry), config);
    streams.setUncaughtExceptionHandler(e -> StreamThreadExceptionResponse.REPLACE_THREAD);
  }

  public void start() {
    streams.start();
  }

  /** Whether every partition is served. */
  public boolean isReady() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  @Override
  public void close() {
    streams.close(CLOSING);
  }
}
