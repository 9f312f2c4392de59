package io.smartedit.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.http.Context;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Topics;
import io.smartedit.service.Problem;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.HostInfo;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The instances of the sink, each of which has some keys of every store: answers from this one's
 * store, or with what the instance says that has the key. While neither can be asked it answers 503
 * with {@code Retry-After}. Thread-safe.
 */
final class Instances {

  private static final String FORWARDED = "SmartEdit-Forwarded";
  private static final String RETRY_AFTER = "Retry-After";
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final long AGAIN_SECONDS = 2;

  /** Name of the array in an answer of many. */
  static final String ITEMS = "items";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final int partitions;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build();
  private volatile @Nullable Served served;

  private record Served(KafkaStreams streams, HostInfo self) {}

  /**
   * @param partitions of every store
   */
  Instances(int partitions) {
    this.partitions = partitions;
  }

  /** Answers from a stream, from now on. */
  void serve(KafkaStreams streams, HostInfo self) {
    served = new Served(streams, self);
  }

  /**
   * What this instance's store says of a key, or null where another instance has answered.
   *
   * @param key by which the stream is partitioned
   */
  <V, T> @Nullable T ask(
      Context context,
      String store,
      String key,
      Function<ReadOnlyKeyValueStore<String, V>, T> question) {
    Served now = served;
    if (now == null) {
      throw starting();
    }
    try {
      KeyQueryMetadata place =
          now.streams().queryMetadataForKey(store, key, new StringSerializer());
      if (place.equals(KeyQueryMetadata.NOT_AVAILABLE)) {
        throw starting();
      }
      if (!place.activeHost().equals(now.self())) {
        if (context.header(FORWARDED) != null) {
          throw starting(); // two instances of which each believes the other has it
        }
        forward(context, place.activeHost());
        return null;
      }
      return question.apply(
          now.streams()
              .store(
                  StoreQueryParameters.fromNameAndType(
                      store, QueryableStoreTypes.<String, V>keyValueStore())));
    } catch (InvalidStateStoreException | IllegalStateException e) {
      Problem problem = starting();
      problem.initCause(e);
      throw problem;
    }
  }

  /** An instance's own part of the stores. */
  static final class Local {

    private final KafkaStreams streams;
    private final int partition;

    private Local(KafkaStreams streams, int partition) {
      this.streams = streams;
      this.partition = partition;
    }

    int partition() {
      return partition;
    }

    <V> ReadOnlyKeyValueStore<String, V> store(String name) {
      return streams.store(
          StoreQueryParameters.fromNameAndType(name, QueryableStoreTypes.<String, V>keyValueStore())
              .withPartition(partition));
    }
  }

  /**
   * What all partitions of a store say.
   *
   * @param path what other instances are asked, which they answer with their items
   * @param others whether they are; not where one of them asks
   * @param topic one that the store is kept by
   * @param question asked of each partition
   */
  List<JsonNode> askAll(
      String path,
      boolean others,
      String store,
      String topic,
      Function<Local, List<JsonNode>> question) {
    Served now = served;
    if (now == null) {
      throw starting();
    }
    List<JsonNode> items = new ArrayList<>();
    int known = 0;
    try {
      for (StreamsMetadata host : now.streams().streamsMetadataForStore(store)) {
        List<Integer> partitions =
            host.topicPartitions().stream()
                .filter(each -> each.topic().equals(topic))
                .map(TopicPartition::partition)
                .toList();
        known += partitions.size();
        if (host.hostInfo().equals(now.self())) {
          partitions.forEach(each -> items.addAll(question.apply(new Local(now.streams(), each))));
        } else if (others && !partitions.isEmpty()) {
          itemsOf(send(path, host.hostInfo())).forEach(items::add);
        }
      }
    } catch (InvalidStateStoreException | IllegalStateException e) {
      Problem problem = starting();
      problem.initCause(e);
      throw problem;
    }
    if (known < partitions) {
      throw starting();
    }
    return items;
  }

  /** Whether it is another instance that asks, for this one's part. */
  static boolean isAskedByAnother(Context context) {
    return context.header(FORWARDED) != null;
  }

  private static JsonNode itemsOf(HttpResponse<byte[]> response) {
    if (response.statusCode() != 200) {
      throw starting();
    }
    try {
      return JSON.readTree(response.body()).path(ITEMS);
    } catch (IOException e) {
      throw new IllegalStateException("another instance's answer is not JSON", e);
    }
  }

  /** The id in the path. */
  static String id(Context context) {
    return name("id", context.pathParam("id"));
  }

  static String tenant(Context context) {
    List<String> named = context.queryParams("tenant");
    if (named.size() > 1) {
      throw Problem.of("tenant", "tenant stands " + named.size() + " times");
    }
    return named.isEmpty() ? Topics.DEFAULT_TENANT : name("tenant", named.get(0));
  }

  private static String name(String field, String value) {
    if (!RequestRules.isName(value)) {
      throw Problem.of(field, field + " is no name of 1 to 64 of A-Z a-z 0-9 . _ -");
    }
    return value;
  }

  private void forward(Context context, HostInfo host) {
    HttpResponse<byte[]> response = send(path(context), host);
    response
        .headers()
        .firstValue(RETRY_AFTER)
        .ifPresent(seconds -> context.header(RETRY_AFTER, seconds));
    context
        .status(response.statusCode())
        .contentType(response.headers().firstValue("Content-Type").orElse("application/json"))
        .result(response.body());
  }

  /** What was asked. */
  static String path(Context context) {
    return context.path() + (context.queryString() == null ? "" : "?" + context.queryString());
  }

  private HttpResponse<byte[]> send(String path, HostInfo host) {
    URI uri = URI.create("http://" + host.host() + ":" + host.port() + path);
    try {
      return http.send(
          HttpRequest.newBuilder(uri).header(FORWARDED, "1").timeout(LIMIT).build(),
          HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw Problem.unavailable(AGAIN_SECONDS, "The instance that knows it does not answer.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw starting();
    }
  }

  private static Problem starting() {
    return Problem.unavailable(AGAIN_SECONDS, "The sink is starting or rebalancing; ask again.");
  }
}
