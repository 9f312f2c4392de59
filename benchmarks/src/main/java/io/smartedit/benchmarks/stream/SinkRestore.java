package io.smartedit.benchmarks.stream;

import io.smartedit.events.Cost;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import io.smartedit.service.Settings;
import io.smartedit.sink.ResultsSink;
import io.smartedit.sink.SinkSettings;
import io.smartedit.standalone.local.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * How long the sink takes to begin when it remembers many requests: over its own state, and with
 * its state folder gone. Outcomes are put on {@code edits.outcomes} as workers would; broker,
 * registry and sink run in this process.
 */
final class SinkRestore {

  private static final double NANOS = 1e9;
  private static final double MEGABYTE = 1e6;

  private final LocalCluster cluster;
  private final SchemaRegistry registry;
  private final Path state;

  private SinkRestore(LocalCluster cluster, Path state) {
    this.cluster = cluster;
    this.registry = new HttpSchemaRegistry(cluster.endpoints().registry(), null);
    this.state = state;
  }

  public static void main(String[] arguments) throws Exception {
    int requests = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1_000_000;
    Path folder = Files.createTempDirectory("sink-restore");
    try (LocalCluster cluster = LocalCluster.start(folder)) {
      new SinkRestore(cluster, folder.resolve("sink")).run(requests);
    } finally {
      delete(folder);
    }
  }

  @SuppressWarnings("try") // a sink runs while it is open
  private void run(int requests) throws Exception {
    long begin = System.nanoTime();
    try (ResultsSink sink = started()) {
      send(requests);
      await(requests);
      System.out.printf("%d outcomes to events in %.1f s%n", requests, since(begin));
    }
    System.out.printf("state of %.0f MB%n", bytes(state) / MEGABYTE);
    begin = System.nanoTime();
    try (ResultsSink sink = started()) {
      System.out.printf("ready over its state after %.1f s%n", since(begin));
    }
    delete(state);
    begin = System.nanoTime();
    try (ResultsSink sink = started()) {
      System.out.printf("ready without its state after %.1f s%n", since(begin));
    }
  }

  /** A sink that serves every partition. */
  private ResultsSink started() throws InterruptedException {
    Map<String, String> settings = new HashMap<>(cluster.endpoints().settings());
    settings.put("sink.state", state.toString());
    settings.put("http.port", "0");
    ResultsSink sink =
        new ResultsSink(SinkSettings.of(Settings.read(SinkSettings.DECLARED, settings)), registry);
    sink.start();
    while (!sink.isReady()) {
      Thread.sleep(50);
    }
    return sink;
  }

  private void send(int requests) {
    try (KafkaProducer<String, EditOutcome> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                cluster.endpoints().bootstrap(),
                "linger.ms",
                20,
                "compression.type",
                "lz4"),
            new StringSerializer(),
            new EventSerializer<>(registry))) {
      for (int i = 0; i < requests; i++) {
        String id = "restore-" + i;
        var unused = producer.send(new ProducerRecord<>(Topics.OUTCOMES, id, outcome(id)));
      }
    }
  }

  /** Until so many events are on {@code edits.completed}. */
  private void await(int requests) {
    try (KafkaConsumer<String, byte[]> events =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                cluster.endpoints().bootstrap(),
                "isolation.level",
                "read_committed"),
            new StringDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          events.partitionsFor(Topics.COMPLETED).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      events.assign(partitions);
      events.seekToBeginning(partitions);
      int ended = 0;
      while (ended < requests) {
        ended += events.poll(Duration.ofMillis(500)).count();
      }
    }
  }

  private static EditOutcome outcome(String id) {
    Instant now = Instant.now();
    return EditOutcome.newBuilder()
        .setRequestId(id)
        .setTenant("default")
        .setStatus(Status.EDITED)
        .setRequest(
            EditRequested.newBuilder()
                .setRequestId(id)
                .setSource("s3://pictures/2026/autumn/" + id + ".jpg")
                .setInstruction("remove the smaller cat that sits beside the flower pot")
                .setLabels(Map.of("sku", id))
                .setRequestedAt(now)
                .build())
        .setResult(
            EditResult.newBuilder()
                .setOutput("s3://edited/default/" + id + ".png")
                .setBytes(100_000)
                .setSha256("0".repeat(64))
                .setWidth(512)
                .setHeight(512)
                .build())
        .setCost(
            Cost.newBuilder()
                .setQueued(1)
                .setFetched(0.1)
                .setRead(0.2)
                .setDenoised(3)
                .setDeveloped(0.1)
                .setStored(0.1)
                .setBatch(4)
                .setAttempts(1)
                .build())
        .setWorker("worker-1")
        .setModel("smartedit-mini")
        .setVersion("0.1.0")
        .setSeed(0)
        .setFinishedAt(now)
        .build();
  }

  private static double since(long begin) {
    return (System.nanoTime() - begin) / NANOS;
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
