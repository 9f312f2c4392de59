package io.smartedit.sink;

import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import io.smartedit.service.HttpEndpoint;
import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;

/**
 * A stream beside the sink's own, with a consumer group of its own: what waits for others outside
 * may be slow or down without holding up an outcome. Its troubles are its own, too.
 */
final class SideStream implements AutoCloseable {

  private static final Duration CLOSING = Duration.ofSeconds(10);

  private final RestartPolicy restarts = new RestartPolicy();
  private final Set<String> stateTopics;
  private final KafkaStreams streams;
  private final KafkaStreamsMetrics meters;

  /**
   * @param config as of the sink's own
   * @param suffix of the application id
   */
  SideStream(Topology topology, Properties config, String suffix, HttpEndpoint endpoint) {
    Properties own = new Properties();
    own.putAll(config);
    String id = config.getProperty(StreamsConfig.APPLICATION_ID_CONFIG) + "-" + suffix;
    own.put(StreamsConfig.APPLICATION_ID_CONFIG, id);
    stateTopics = StatePartitions.topics(topology, id);
    own.remove(StreamsConfig.APPLICATION_SERVER_CONFIG);
    streams = new KafkaStreams(topology, own);
    streams.setUncaughtExceptionHandler(restarts);
    meters = new KafkaStreamsMetrics(streams);
    meters.bindTo(endpoint.meters());
  }

  /** Topics that its state is kept by. */
  Set<String> stateTopics() {
    return stateTopics;
  }

  void start() {
    streams.start();
  }

  @Override
  public void close() {
    restarts.close();
    streams.close(
        CloseOptions.timeout(CLOSING)
            .withGroupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP));
    meters.close();
  }
}
