package io.smartedit.benchmarks.chaos;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.events.EditCancelled;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Puts orders into the stream, to the topics themselves or through the front door, and is patient:
 * what is not taken is sent again. One thread sends.
 */
final class Sender implements AutoCloseable {

  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final long PAUSE_MILLIS = 500;

  private final KafkaProducer<String, byte[]> producer;
  private final EventSerializer<SpecificRecord> serializer;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(ANSWER).version(HttpClient.Version.HTTP_1_1).build();
  private final URI door;
  private final List<Sent> sent = new ArrayList<>();
  private final AtomicInteger count = new AtomicInteger();
  private final ExecutorService posting = Executors.newFixedThreadPool(4);
  private final List<Future<@Nullable Void>> posts = new ArrayList<>();

  /** An order that the broker or the front door has; where it lies is known of Kafka's own. */
  record Sent(Order order, Future<RecordMetadata> place) {}

  Sender(Rig rig) {
    SchemaRegistry registry = new HttpSchemaRegistry(rig.registryUrl(), null);
    serializer = new EventSerializer<>(registry);
    door = URI.create(rig.ingestUrl() + "/v1/edits");
    producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                rig.bootstrap(),
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                true,
                // A broker that crashed knows of a producer's batches only the last again; of
                // several under way the earlier would be sent for ever.
                ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                1,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                1_800_000,
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                300_000),
            new StringSerializer(),
            new ByteArraySerializer());
    // Known from here on, whatever becomes of the registry.
    for (String topic : Topics.OF_REQUESTS) {
      registry.register(topic + "-value", EditRequested.getClassSchema());
    }
    registry.register(Topics.CANCELLED + "-value", EditCancelled.getClassSchema());
  }

  /** Sends each when its time has come; the broker may hold this up. */
  void sendAll(List<Order> orders) throws InterruptedException {
    long begin = System.nanoTime();
    for (Order order : orders) {
      long wait = order.at().toNanos() - (System.nanoTime() - begin);
      if (wait > 0) {
        Thread.sleep(Duration.ofNanos(wait).toMillis());
      }
      send(order);
      count.incrementAndGet();
    }
    finish();
  }

  /** How many were sent; from any thread. */
  int count() {
    return count.get();
  }

  /** The bytes that are no requests, once all is sent. */
  List<Sent> rubbish() {
    return sent;
  }

  private void send(Order order) {
    if (order.bytes() != null) {
      String key = "rubbish-" + sent.size();
      sent.add(
          new Sent(
              order, producer.send(new ProducerRecord<>(Topics.REQUESTED, key, order.bytes()))));
      return;
    }
    EditRequested request =
        EditRequested.newBuilder(requireNonNull(order.request()))
            .setRequestedAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
            .build();
    if (order.kind() == Order.Kind.HTTP) {
      posts.add(posting.submit(() -> post(request)));
      return;
    }
    event(Topics.of(request), Topics.key(request), request);
    if (order.kind() == Order.Kind.CANCELLED) {
      EditCancelled cancelled =
          EditCancelled.newBuilder()
              .setRequestId(request.getRequestId())
              .setCancelledAt(Instant.now().truncatedTo(ChronoUnit.MILLIS))
              .build();
      event(Topics.CANCELLED, Topics.DEFAULT_TENANT + "/" + request.getRequestId(), cancelled);
    }
  }

  private void event(String topic, String key, SpecificRecord event) {
    ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, key, new byte[0]);
    byte[] bytes = serializer.serialize(topic, record.headers(), event);
    var unused = producer.send(new ProducerRecord<>(topic, null, key, bytes, record.headers()));
  }

  /** The same id again is the same edit, so an answer that got lost does no harm. */
  private @Nullable Void post(EditRequested request) throws InterruptedException {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("requestId", request.getRequestId())
        .put("source", request.getSource())
        .put("sessionId", request.getSessionId())
        .put("instruction", request.getInstruction())
        .putObject("options")
        .put("steps", request.getOptions().getSteps())
        .put("format", request.getOptions().getFormat().name().toLowerCase(Locale.ROOT));
    HttpRequest post =
        HttpRequest.newBuilder(door)
            .timeout(ANSWER)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(json.toString()))
            .build();
    while (true) {
      try {
        var answer = http.send(post, BodyHandlers.ofString());
        if (answer.statusCode() < 300) {
          return null;
        }
        if (answer.statusCode() < 500) {
          throw new IllegalStateException(
              "the front door refuses " + request.getRequestId() + ": " + answer.body());
        }
      } catch (IOException e) {
        // gone or slow; asked again
      }
      Thread.sleep(PAUSE_MILLIS);
    }
  }

  /** Waits until the broker has everything. */
  private void finish() throws InterruptedException {
    producer.flush();
    try {
      for (Future<@Nullable Void> post : posts) {
        post.get();
      }
      for (Sent one : sent) {
        one.place().get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("an order was not taken: " + e.getMessage(), e.getCause());
    }
  }

  @Override
  public void close() {
    posting.shutdownNow();
    producer.close(Duration.ofSeconds(5));
  }
}
