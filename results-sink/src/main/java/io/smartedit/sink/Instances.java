package io.smartedit.sink;

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
import java.util.function.Function;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.StoreQueryParameters;
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

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build();
  private volatile @Nullable Served served;

  private record Served(KafkaStreams streams, HostInfo self) {}

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

  /** The id in the path. */
  static String id(Context context) {
    return name("id", context.pathParam("id"));
  }

  static String tenant(Context context) {
    String named = context.queryParam("tenant");
    return named == null ? Topics.DEFAULT_TENANT : name("tenant", named);
  }

  private static String name(String field, String value) {
    if (!RequestRules.isName(value)) {
      throw Problem.of(field, field + " is no name of 1 to 64 of A-Z a-z 0-9 . _ -");
    }
    return value;
  }

  private void forward(Context context, HostInfo host) {
    String query = context.queryString() == null ? "" : "?" + context.queryString();
    URI uri = URI.create("http://" + host.host() + ":" + host.port() + context.path() + query);
    try {
      HttpResponse<byte[]> response =
          http.send(
              HttpRequest.newBuilder(uri).header(FORWARDED, "1").timeout(LIMIT).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      response
          .headers()
          .firstValue(RETRY_AFTER)
          .ifPresent(seconds -> context.header(RETRY_AFTER, seconds));
      context
          .status(response.statusCode())
          .contentType(response.headers().firstValue("Content-Type").orElse("application/json"))
          .result(response.body());
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
