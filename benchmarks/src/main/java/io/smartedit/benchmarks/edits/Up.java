package io.smartedit.benchmarks.edits;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.standalone.local.LocalCluster.Endpoints;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The whole stream of a checkout, {@code ./smartedit up} in a process of its own, and a client of
 * it. The checkout may be of another version: topics and schemas are all that is shared.
 */
final class Up implements AutoCloseable {

  private static final Duration START = Duration.ofMinutes(3);
  private static final long POLL_MILLIS = 50;
  private static final int MAX_IMAGE = 1 << 24;

  private final Process process;
  private final S3ObjectStore store;
  private final KafkaProducer<String, EditRequested> producer;
  private final KafkaConsumer<String, byte[]> ends;
  private final EventDeserializer<EditCompleted> completed;

  private Up(Process process, Endpoints endpoints) {
    this.process = process;
    store = endpoints.store();
    HttpSchemaRegistry registry = new HttpSchemaRegistry(endpoints.registry(), null);
    Map<String, Object> kafka = Map.of("bootstrap.servers", endpoints.bootstrap());
    producer = new KafkaProducer<>(kafka, new StringSerializer(), new EventSerializer<>(registry));
    Map<String, Object> committed = new HashMap<>(kafka);
    committed.put("isolation.level", "read_committed");
    ends = new KafkaConsumer<>(committed, new StringDeserializer(), new ByteArrayDeserializer());
    completed = new EventDeserializer<>(registry, EditCompleted.getClassSchema());
    List<TopicPartition> partitions = new ArrayList<>();
    for (String topic : List.of(Topics.COMPLETED, Topics.FAILED)) {
      ends.partitionsFor(topic)
          .forEach(p -> partitions.add(new TopicPartition(topic, p.partition())));
    }
    ends.assign(partitions);
    ends.seekToEnd(partitions);
    partitions.forEach(ends::position);
  }

  /**
   * Starts a checkout that was built, and waits until it may be used.
   *
   * @param arguments of {@code up}
   */
  static Up start(Path checkout, Path data, String... arguments)
      throws IOException, InterruptedException {
    Path standalone = checkout.resolve("standalone/target");
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-Dsmartedit.home=" + checkout,
                "-cp",
                standalone.resolve("smartedit.jar") + ":" + standalone.resolve("lib") + "/*",
                "io.smartedit.standalone.Main",
                "up",
                "--data=" + data));
    command.addAll(List.of(arguments));
    Files.createDirectories(data);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(data.resolve("up.log").toFile())
            .start();
    Path announced = data.resolve("endpoints.json");
    long limit = System.nanoTime() + START.toNanos();
    while (!Files.exists(announced)) {
      if (!process.isAlive() || System.nanoTime() > limit) {
        process.destroyForcibly();
        throw new IllegalStateException(
            checkout + " did not start: " + Files.readString(data.resolve("up.log")));
      }
      Thread.sleep(POLL_MILLIS);
    }
    return new Up(process, new ObjectMapper().readValue(announced.toFile(), Endpoints.class));
  }

  /** Puts a source where requests may name it; answers its address. */
  String source(String name, byte[] png) {
    ObjectName object = new ObjectName(LocalStream.INBOX, name);
    store.write(object, png, "image/png", Map.of());
    return object.toString();
  }

  byte[] result(EditCompleted event) {
    return store.read(ObjectName.parse(event.getResult().getOutput()), MAX_IMAGE);
  }

  /** Sends all at once and waits for their ends; the events in the requests' order. */
  List<EditCompleted> edit(List<EditRequested> requests) {
    for (EditRequested request : requests) {
      var unused =
          producer.send(new ProducerRecord<>(Topics.of(request), Topics.key(request), request));
    }
    producer.flush();
    Map<String, EditCompleted> events = new HashMap<>();
    while (events.size() < requests.size()) {
      for (ConsumerRecord<String, byte[]> record : ends.poll(Duration.ofMillis(POLL_MILLIS))) {
        if (record.topic().equals(Topics.FAILED)) {
          throw new IllegalStateException("request " + record.key() + " failed");
        }
        EditCompleted event = completed.deserialize(record.topic(), record.value());
        events.put(event.getRequestId(), event);
      }
    }
    return requests.stream().map(request -> events.get(request.getRequestId())).toList();
  }

  @Override
  public void close() {
    ends.close();
    producer.close();
    store.close();
    process.destroy();
    try {
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }
}
