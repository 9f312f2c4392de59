package io.smartedit.standalone.local;

import io.smartedit.service.TopicSettings;
import io.smartedit.service.TopicSetup;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** A Kafka broker and its controller, listening on this machine only. */
public final class LocalKafka implements AutoCloseable {

  private static final int NODE = 1;

  private final KafkaRaftServer server;
  private final String bootstrap;

  private LocalKafka(KafkaRaftServer server, String bootstrap) {
    this.server = server;
    this.bootstrap = bootstrap;
  }

  /** Starts a broker over a data folder, which is formatted where it is new. */
  public static LocalKafka start(Path folder, int port, int controllerPort) throws IOException {
    Path logs = Files.createDirectories(folder.resolve("logs"));
    Properties config = config(logs, port, controllerPort);
    if (!Files.exists(logs.resolve("meta.properties"))) {
      format(logs);
    }
    KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(config), Time.SYSTEM);
    server.startup();
    return new LocalKafka(server, "127.0.0.1:" + port);
  }

  /** For clients: host and port. */
  public String bootstrap() {
    return bootstrap;
  }

  /** Makes the topics that are missing. */
  public void createTopics() {
    createTopics(TopicSettings.DEFAULT);
  }

  /** As the other, with other partitions. */
  public void createTopics(TopicSettings topics) {
    TopicSetup.ensure(Map.of("bootstrap.servers", bootstrap), topics);
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }

  private static void format(Path logs) throws IOException {
    Formatter formatter = new Formatter();
    formatter
        .setClusterId(Uuid.randomUuid().toString())
        .setNodeId(NODE)
        .setDirectories(List.of(logs.toString()))
        .setMetadataLogDirectory(logs.toString())
        .setControllerListenerName("CONTROLLER")
        .setIgnoreFormatted(true)
        .setPrintStream(new PrintStream(OutputStream.nullOutputStream()));
    try {
      formatter.run();
    } catch (IOException e) {
      throw e;
    } catch (Exception e) { // the formatter declares no narrower type
      throw new IOException("cannot format " + logs, e);
    }
  }

  private static Properties config(Path logs, int port, int controllerPort) {
    Properties config = new Properties();
    config.put("process.roles", "broker,controller");
    config.put("node.id", Integer.toString(NODE));
    config.put("controller.quorum.voters", NODE + "@127.0.0.1:" + controllerPort);
    config.put(
        "listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    config.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
    config.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    config.put("controller.listener.names", "CONTROLLER");
    config.put("log.dirs", logs.toString());
    for (String factor :
        List.of(
            "offsets.topic.replication.factor",
            "transaction.state.log.replication.factor",
            "transaction.state.log.min.isr",
            "share.coordinator.state.topic.replication.factor",
            "share.coordinator.state.topic.min.isr")) {
      config.put(factor, "1");
    }
    config.put("offsets.topic.num.partitions", "4");
    config.put("transaction.state.log.num.partitions", "4");
    config.put("group.initial.rebalance.delay.ms", "0");
    config.put("share.coordinator.state.topic.num.partitions", "4");
    config.put("group.share.min.record.lock.duration.ms", "1000");
    config.put("group.share.min.heartbeat.interval.ms", "500");
    config.put("group.share.heartbeat.interval.ms", "1000");
    // How soon what a dead worker left open is looked for.
    config.put("transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000");
    config.put("auto.create.topics.enable", "false");
    return config;
  }
}
