package io.smartedit.benchmarks.stream;

import com.sun.net.httpserver.HttpServer;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.image.ImageCodec;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What the worker has of webhooks, moderation, retention and a page that follows: two whole streams
 * in one process, one without any of it and one with all, work in turn on the same images with an
 * engine that changes nothing. Printed is how many edits a second have their outcome, which is the
 * worker's, and how many their end; and what an edit takes of a core in the worker's own threads,
 * which does not depend on what else the machine does.
 */
final class FeatureLoad {

  private static final int SIDE = 400;
  private static final int SOURCES = 16;
  private static final double NANOS = 1e9;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** The worker's, by the beginnings of their names. */
  private static final List<String> WORKERS =
      List.of(
          "requests",
          "lookup",
          "fetch",
          "prepare",
          "device",
          "encode",
          "store",
          "progress",
          "announcer",
          "kafka-producer-network-thread | producer-gpu-workers");

  private final LocalStream stream;
  private final List<String> sources = new ArrayList<>();

  /**
   * @param outcomes a second
   * @param ends a second
   * @param worker milliseconds of a core that an edit takes in the worker's threads
   */
  record Round(double outcomes, double ends, double worker) {}

  private FeatureLoad(LocalStream stream) throws InterruptedException {
    this.stream = stream;
    while (!stream.isReady()) {
      Thread.sleep(100);
    }
    fill();
  }

  public static void main(String[] arguments) throws Exception {
    int edits = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1000;
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
    Path folder = Files.createTempDirectory("feature-load");
    HttpServer others = others();
    String url = "http://127.0.0.1:" + others.getAddress().getPort();
    try (LocalStream plain = start(folder.resolve("plain"), Map.of());
        LocalStream full = start(folder.resolve("full"), features(folder, url))) {
      FeatureLoad without = new FeatureLoad(plain);
      FeatureLoad with = new FeatureLoad(full);
      follow(full.endpoints().http());
      without.run(2 * edits);
      with.run(2 * edits);
      List<Round> unused = new ArrayList<>();
      List<Round> used = new ArrayList<>();
      for (int i = 0; i < rounds; i++) {
        unused.add(say("unused", without.run(edits)));
        used.add(say("used", with.run(edits)));
      }
      System.out.printf(
          "edits a second: median %.1f unused, %.1f used, ratio %.3f%n",
          median(unused, Round::outcomes),
          median(used, Round::outcomes),
          median(used, Round::outcomes) / median(unused, Round::outcomes));
      System.out.printf(
          "worker, ms of a core an edit: median %.2f unused, %.2f used, ratio %.3f%n",
          median(unused, Round::worker),
          median(used, Round::worker),
          median(used, Round::worker) / median(unused, Round::worker));
    } finally {
      others.stop(0);
    }
    System.exit(0); // whoever follows does not end
  }

  private static LocalStream start(Path folder, Map<String, String> own) throws Exception {
    Map<String, String> given = new HashMap<>(Map.of("worker.batch", "8", "http.port", "0"));
    given.putAll(own);
    return LocalStream.start(folder, new PassThrough(), "pass-through", given);
  }

  private static Map<String, String> features(Path folder, String url) throws Exception {
    String secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    Path hooks =
        Files.writeString(folder.resolve("hooks"), "default " + url + "/hook " + secret + "\n");
    Path kept = Files.writeString(folder.resolve("kept"), "* 30d 30d\n");
    return Map.of(
        "webhooks.file",
        hooks.toString(),
        "webhook.allow-private",
        "true",
        "moderation.url",
        url + "/policy",
        "retention.file",
        kept.toString());
  }

  /** Receiver and policy. */
  private static HttpServer others() throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newFixedThreadPool(4));
    byte[] verdict = "{\"verdict\":\"allow\",\"policy\":\"p\"}".getBytes(StandardCharsets.UTF_8);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, verdict.length);
            exchange.getResponseBody().write(verdict);
          }
        });
    server.start();
    return server;
  }

  /** As the page does. */
  private static void follow(String http) {
    Thread page =
        new Thread(
            () -> {
              try (InputStream events =
                  HttpClient.newHttpClient()
                      .send(
                          HttpRequest.newBuilder(URI.create(http + "/v1/events")).build(),
                          BodyHandlers.ofInputStream())
                      .body()) {
                events.transferTo(OutputStream.nullOutputStream());
              } catch (Exception e) {
                System.out.println("the page's events end: " + e);
              }
            },
            "page");
    page.setDaemon(true);
    page.start();
  }

  private static Round say(String name, Round round) {
    System.out.printf(
        "%-6s %6.1f outcomes/s %6.1f ends/s, worker %.2f ms of a core an edit%n",
        name, round.outcomes(), round.ends(), round.worker());
    return round;
  }

  private static double median(List<Round> rounds, Function<Round, Double> figure) {
    List<Double> sorted = new ArrayList<>(rounds.stream().map(figure).toList());
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }

  private void fill() {
    SplittableRandom random = new SplittableRandom(1);
    try (S3ObjectStore store = stream.endpoints().store()) {
      for (int i = 0; i < SOURCES; i++) {
        byte[] rgb = new byte[SIDE * SIDE * 3];
        for (int j = 0; j < rgb.length; j++) {
          rgb[j] = (byte) (128 + 60 * Math.sin(j / 997.0 + i) + random.nextInt(56));
        }
        ObjectName name = new ObjectName(LocalStream.INBOX, "load/" + i + ".jpg");
        byte[] jpeg = ImageCodec.encode(new Image(SIDE, SIDE, rgb), ImageCodec.Format.JPEG);
        store.write(name, jpeg, "image/jpeg", Map.of());
        sources.add(name.toString());
      }
    }
  }

  private Round run(int edits) {
    String bootstrap = stream.endpoints().bootstrap();
    try (KafkaConsumer<String, byte[]> outcomes = reader(bootstrap, Topics.OUTCOMES);
        KafkaConsumer<String, byte[]> ends = reader(bootstrap, Topics.COMPLETED)) {
      double worked = workerMillis();
      long begin = System.nanoTime();
      send(bootstrap, edits);
      double outcomesAfter = await(outcomes, edits, begin);
      double endsAfter = await(ends, edits, begin);
      return new Round(edits / outcomesAfter, edits / endsAfter, (workerMillis() - worked) / edits);
    }
  }

  /** What the workers' threads have computed until now; only one of the workers has work. */
  private static double workerMillis() {
    long nanos = 0;
    for (ThreadInfo thread : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
      if (thread != null && WORKERS.stream().anyMatch(thread.getThreadName()::startsWith)) {
        nanos += THREADS.getThreadCpuTime(thread.getThreadId());
      }
    }
    return nanos / 1e6;
  }

  private void send(String bootstrap, int edits) {
    try (KafkaProducer<String, EditRequested> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", bootstrap),
            new StringSerializer(),
            new EventSerializer<>(new HttpSchemaRegistry(stream.endpoints().registry(), null)))) {
      for (int i = 0; i < edits; i++) {
        EditRequested request =
            EditRequested.newBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .setSource(sources.get(i % SOURCES))
                .setInstruction("leave it as it is")
                .setRequestedAt(Instant.now())
                .build();
        var unused =
            producer.send(new ProducerRecord<>(Topics.of(request), Topics.key(request), request));
      }
    }
  }

  private static KafkaConsumer<String, byte[]> reader(String bootstrap, String topic) {
    KafkaConsumer<String, byte[]> reader =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrap, "isolation.level", "read_committed"),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    List<TopicPartition> partitions =
        reader.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    reader.assign(partitions);
    reader.seekToEnd(partitions);
    partitions.forEach(reader::position);
    return reader;
  }

  /** Seconds until so many records are there. */
  private static double await(KafkaConsumer<String, byte[]> reader, int wanted, long begin) {
    int seen = 0;
    while (seen < wanted) {
      seen += reader.poll(Duration.ofMillis(200)).count();
    }
    return (System.nanoTime() - begin) / NANOS;
  }
}
