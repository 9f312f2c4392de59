package io.smartedit.benchmarks.soak;

import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.standalone.local.LocalCluster.Endpoints;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Edits with a real model through the whole stream in this process, in ten waves; after each, when
 * nothing is under way, what the process holds.
 *
 * <p>Usage: {@code Soak MODEL [EDITS]}. Ends with 1 where after the last wave there is more than
 * after the second.
 */
final class Soak {

  private static final int WAVES = 10;
  private static final int BATCH = 8;
  private static final int SIDE = 64;

  private final LocalStream stream;
  private final ObjectName source = new ObjectName(LocalStream.INBOX, "soak.png");

  private Soak(LocalStream stream) {
    this.stream = stream;
  }

  public static void main(String[] arguments) throws Exception {
    int edits = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 10_000;
    SmartEdit editor = SmartEdit.open(Path.of(arguments[0]), SmartEdit.Settings.DEFAULT);
    boolean flat;
    try (LocalStream stream =
        LocalStream.start(Files.createTempDirectory("soak"), editor, "soak", BATCH)) {
      while (!stream.isReady()) {
        Thread.sleep(100);
      }
      flat = new Soak(stream).run(edits / WAVES);
    }
    System.exit(flat ? 0 : 1);
  }

  private boolean run(int wave) throws Exception {
    byte[] rgb = new byte[SIDE * SIDE * 3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (i / 7);
    }
    try (S3ObjectStore store = stream.endpoints().store()) {
      byte[] png = ImageCodec.encode(new Image(SIDE, SIDE, rgb), ImageCodec.Format.PNG);
      store.write(source, png, "image/png", Map.of());
    }
    List<Holdings> all = new ArrayList<>();
    System.out.println("  edits    s  " + Holdings.HEAD);
    for (int i = 0; i < WAVES; i++) {
      long begin = System.nanoTime();
      edit("w" + i, wave);
      edit("last" + i, 1); // the denoiser keeps its last batch, which is thus the same each time
      all.add(Holdings.now());
      System.out.printf(
          "%7d %4.0f  %s%n", (i + 1) * wave, (System.nanoTime() - begin) / 1e9, all.get(i));
    }
    boolean flat = all.get(WAVES - 1).isWithin(all.get(1));
    System.out.println(flat ? "flat" : "GROWS");
    return flat;
  }

  /** Sends a wave and waits for its events. */
  private void edit(String wave, int count) throws Exception {
    Endpoints endpoints = stream.endpoints();
    try (KafkaProducer<String, EditRequested> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", endpoints.bootstrap()),
                new StringSerializer(),
                new EventSerializer<>(new HttpSchemaRegistry(endpoints.registry(), null)));
        KafkaConsumer<String, byte[]> events =
            new KafkaConsumer<>(
                Map.of(
                    "bootstrap.servers",
                    endpoints.bootstrap(),
                    "isolation.level",
                    "read_committed"),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      events
          .partitionsFor(Topics.COMPLETED)
          .forEach(info -> partitions.add(new TopicPartition(Topics.COMPLETED, info.partition())));
      events.assign(partitions);
      events.seekToEnd(partitions);
      partitions.forEach(events::position);
      for (int i = 0; i < count; i++) {
        EditRequested request = request(wave + "-" + i, i);
        var unused =
            producer.send(new ProducerRecord<>(Topics.of(request), Topics.key(request), request));
      }
      Set<String> ended = new HashSet<>();
      while (ended.size() < count) {
        for (ConsumerRecord<String, byte[]> record : events.poll(Duration.ofMillis(100))) {
          ended.add(record.key());
        }
      }
    }
  }

  /** Sizes change, as they do in a stream. */
  private EditRequested request(String id, int number) {
    return EditRequested.newBuilder()
        .setRequestId(id)
        .setSource(source.toString())
        .setSessionId(id)
        .setInstruction("remove the cat")
        .setOptions(EditSettings.newBuilder().setSteps(1).setSize(16 + 8 * (number % 4)).build())
        .setRequestedAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
        .build();
  }
}
