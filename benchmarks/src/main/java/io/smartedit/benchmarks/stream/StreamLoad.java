package io.smartedit.benchmarks.stream;

import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.editor.image.ImageLimits;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.OutputFormat;
import io.smartedit.events.Topics;
import io.smartedit.standalone.local.LocalCluster.Endpoints;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Edits a second through the whole stream with an engine that changes nothing, beside a bare loop
 * that reads, decodes, encodes and writes the same images, turn by turn in one process.
 *
 * <p>Usage: {@code StreamLoad [EDITS] [QUEUED]}: how many ends a turn waits for, and how many
 * requests wait on the topic at first; where these are fewer they are topped up, where they are
 * more the rest is left. Broker, registry, store, worker and sink run in this process; images are
 * JPEG of about 100 kB. Every tenth of the way prints resident memory and threads.
 */
final class StreamLoad {

  private static final int SOURCES = 64;
  private static final int SIDE = 400;

  /** The broker and the streams are compiled while they run; before that figures say little. */
  private static final int WARM_UP = 10_000;

  /** Turn by turn in one process, so that the machine's moods fall on both. */
  private static final int ROUNDS = 5;

  private static final int BARE = 1500;
  private static final int BARE_THREADS = 4;
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");

  private final LocalStream stream;
  private final S3ObjectStore store;
  private final List<ObjectName> sources = new ArrayList<>();

  private StreamLoad(LocalStream stream) {
    this.stream = stream;
    this.store = stream.endpoints().store();
  }

  public static void main(String[] arguments) throws Exception {
    int edits = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10_000;
    int queued = arguments.length > 1 ? Integer.parseInt(arguments[1]) : edits;
    Path folder = Files.createTempDirectory("stream-load");
    try (LocalStream stream = LocalStream.start(folder, new PassThrough(), "pass-through", 8)) {
      while (!stream.isReady()) {
        Thread.sleep(100);
      }
      StreamLoad load = new StreamLoad(stream);
      load.fill();
      load.run("warm-up", WARM_UP, WARM_UP);
      // What is left on the topic would be worked on beside the next bare loop.
      int rounds = queued > edits ? 1 : ROUNDS;
      double[] ratios = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        double bare = load.bare();
        double whole = load.run("round-" + round, edits, queued);
        ratios[round] = bare / whole;
        System.out.printf(
            "bare loop %.1f/s   stream %.1f/s   time an edit against the bare loop %.2f%n",
            bare, whole, ratios[round]);
      }
      Arrays.sort(ratios);
      System.out.printf(
          "least %.2f   median %.2f   most %.2f%n",
          ratios[0], ratios[rounds / 2], ratios[rounds - 1]);
    }
  }

  /** Images with some noise, so that they are as large as photographs. */
  private void fill() {
    SplittableRandom random = new SplittableRandom(1);
    long bytes = 0;
    for (int i = 0; i < SOURCES; i++) {
      byte[] rgb = new byte[SIDE * SIDE * 3];
      for (int j = 0; j < rgb.length; j++) {
        rgb[j] = (byte) (128 + 60 * Math.sin(j / 997.0 + i) + random.nextInt(56));
      }
      byte[] jpeg = ImageCodec.encode(new Image(SIDE, SIDE, rgb), ImageCodec.Format.JPEG);
      ObjectName name = new ObjectName(LocalStream.INBOX, "load/" + i + ".jpg");
      store.write(name, jpeg, "image/jpeg", Map.of());
      sources.add(name);
      bytes += jpeg.length;
    }
    System.out.printf("images of %d kB%n", bytes / SOURCES / 1000);
  }

  /** Edits a second from the first request to the last event. */
  private double run(String name, int edits, int queued) throws Exception {
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
      for (String topic : List.of(Topics.COMPLETED, Topics.FAILED)) {
        events
            .partitionsFor(topic)
            .forEach(p -> partitions.add(new TopicPartition(topic, p.partition())));
      }
      events.assign(partitions);
      events.seekToEnd(partitions);
      partitions.forEach(events::position);
      long begin = System.nanoTime();
      int sent = send(producer, name, 0, queued);
      Set<String> ended = new HashSet<>();
      while (ended.size() < edits) {
        for (ConsumerRecord<String, byte[]> record : events.poll(Duration.ofMillis(100))) {
          if (record.topic().equals(Topics.FAILED)) {
            throw new IllegalStateException("request " + record.key() + " failed");
          }
          if (!ended.add(record.key())) {
            throw new IllegalStateException("request " + record.key() + " ended twice");
          }
          if (ended.size() % Math.max(1, edits / 10) == 0) {
            report(name, ended.size(), begin);
          }
        }
        sent = send(producer, name, sent, Math.min(edits, ended.size() + queued));
      }
      return edits / seconds(begin);
    }
  }

  private int send(KafkaProducer<String, EditRequested> producer, String name, int from, int to) {
    for (int i = from; i < to; i++) {
      EditRequested request =
          EditRequested.newBuilder()
              .setRequestId(name + "-" + i)
              .setSource(sources.get(i % SOURCES).toString())
              .setSessionId("s-" + i)
              .setInstruction("change nothing")
              .setOptions(EditSettings.newBuilder().setFormat(OutputFormat.JPEG).build())
              .setRequestedAt(Instant.now())
              .build();
      var unused =
          producer.send(new ProducerRecord<>(Topics.of(request), Topics.key(request), request));
    }
    producer.flush();
    return Math.max(from, to);
  }

  /** The same reading, decoding, encoding and writing, on as many threads as the worker has. */
  private double bare() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(BARE_THREADS);
    long begin = System.nanoTime();
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < BARE; i++) {
      ObjectName source = sources.get(i % SOURCES);
      ObjectName target = new ObjectName(LocalStream.OUTBOX, "bare/" + i + ".jpg");
      all.add(
          threads.submit(
              () -> {
                Image image = ImageCodec.decode(store.read(source, 1 << 24), ImageLimits.DEFAULT);
                byte[] bytes = ImageCodec.encode(image, ImageCodec.Format.JPEG);
                store.write(target, bytes, "image/jpeg", Map.of());
              }));
    }
    for (Future<?> one : all) {
      one.get();
    }
    threads.shutdown();
    return BARE / seconds(begin);
  }

  private static void report(String name, int count, long begin) throws IOException {
    Matcher resident = RESIDENT.matcher(Files.readString(Path.of("/proc/self/status")));
    long megabytes = resident.find() ? Long.parseLong(resident.group(1)) / 1000 : 0;
    System.out.printf(
        "%s %6d   %.1f/s   resident %d MB   threads %d%n",
        name, count, count / seconds(begin), megabytes, Thread.activeCount());
  }

  private static double seconds(long begin) {
    return (System.nanoTime() - begin) / 1e9;
  }
}
