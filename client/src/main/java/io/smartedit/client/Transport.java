package io.smartedit.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Calls of the front door. What is refused with 429 or 503, or meets nobody, is tried again, when
 * the answer says so or after a growing pause, until the patience is at its end. Every call is one
 * that may be made twice.
 */
final class Transport {

  static final ObjectMapper JSON = new ObjectMapper();

  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration CONNECTING = Duration.ofSeconds(10);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECTING)
          .build();
  private final URI url;
  private final SmartEditClient.Options options;

  Transport(URI url, SmartEditClient.Options options) {
    this.url = url;
    this.options = options;
  }

  /** An answer that may be a refusal: then it has a problem and no body. */
  private record Answer<T>(int status, @Nullable T body, String problem, Duration retryAfter) {}

  /** What came of a call: an answer, or the failure to get one. */
  private record Attempt<T>(@Nullable Answer<T> answer, @Nullable Throwable failure) {}

  Duration patience() {
    return options.patience();
  }

  /** A call to a path, to which method and body are to be added. */
  HttpRequest.Builder call(String path) {
    String base = url.toString().replaceAll("/$", "");
    String tenant = options.tenant();
    String query =
        tenant == null ? "" : "?tenant=" + URLEncoder.encode(tenant, StandardCharsets.UTF_8);
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path + query));
    String key = options.apiKey();
    return key == null ? request : request.header("Authorization", "Bearer " + key);
  }

  /** The JSON that is answered. */
  CompletableFuture<JsonNode> json(HttpRequest request) {
    return send(request, BodyHandlers.ofByteArray()).thenApply(Transport::read);
  }

  /** What is answered, as a handler reads it; a refusal completes it exceptionally. */
  <T> CompletableFuture<T> send(HttpRequest request, BodyHandler<T> handler) {
    return again(request, handler, 0, System.nanoTime() + options.patience().toNanos());
  }

  private <T> CompletableFuture<T> again(
      HttpRequest request, BodyHandler<T> handler, int tries, long end) {
    return once(request, handler)
        .handle((answer, failure) -> new Attempt<T>(answer, failure))
        .thenCompose(
            attempt -> {
              Answer<T> answer = attempt.answer();
              if (answer != null && answer.body() != null) {
                return CompletableFuture.completedFuture(answer.body());
              }
              Duration pause = pause(answer, attempt.failure(), tries);
              if (pause == null || System.nanoTime() + pause.toNanos() > end) {
                return CompletableFuture.failedFuture(refusal(answer, attempt.failure()));
              }
              return after(pause).thenCompose(now -> again(request, handler, tries + 1, end));
            });
  }

  private <T> CompletableFuture<Answer<T>> once(HttpRequest request, BodyHandler<T> handler) {
    BodyHandler<Answer<T>> either =
        info -> {
          Duration retryAfter =
              Duration.ofSeconds(info.headers().firstValueAsLong("Retry-After").orElse(0));
          return info.statusCode() < 300
              ? BodySubscribers.mapping(
                  handler.apply(info),
                  body -> new Answer<>(info.statusCode(), body, "", retryAfter))
              : BodySubscribers.mapping(
                  BodySubscribers.ofString(StandardCharsets.UTF_8),
                  problem -> new Answer<>(info.statusCode(), null, problem, retryAfter));
        };
    return http.sendAsync(request, either).thenApply(HttpResponse::body);
  }

  /** How long to wait before it is tried again; null where that is of no use. */
  private static @Nullable Duration pause(
      @Nullable Answer<?> answer, @Nullable Throwable failure, int tries) {
    boolean worth =
        answer == null
            ? cause(failure) instanceof IOException
            : answer.status() == 429 || answer.status() == 503;
    if (!worth) {
      return null;
    }
    if (answer != null && !answer.retryAfter().isZero()) {
      return answer.retryAfter();
    }
    Duration grown = FIRST_PAUSE.multipliedBy(1L << Math.min(tries, 10));
    return grown.compareTo(LONGEST_PAUSE) < 0 ? grown : LONGEST_PAUSE;
  }

  private static Throwable refusal(@Nullable Answer<?> answer, @Nullable Throwable failure) {
    if (answer == null) {
      return cause(failure);
    }
    String detail = "HTTP " + answer.status();
    try {
      detail = JSON.readTree(answer.problem()).path("detail").asText(detail);
    } catch (IOException e) {
      // it stays at the status: something between us answered
    }
    return new RefusedException(answer.status(), detail);
  }

  private static Throwable cause(@Nullable Throwable failure) {
    Throwable inner =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return inner == null ? new IOException("no answer") : inner;
  }

  static CompletableFuture<Void> after(Duration pause) {
    Executor later = CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS);
    return CompletableFuture.runAsync(() -> {}, later);
  }

  static JsonNode read(byte[] json) {
    try {
      JsonNode node = JSON.readTree(json);
      return node == null ? MissingNode.getInstance() : node;
    } catch (IOException e) {
      throw new CompletionException("the front door's answer is not JSON", e);
    }
  }

  static JsonNode read(String json) {
    return read(json.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] write(Object value) {
    try {
      return JSON.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("cannot be said in JSON: " + value, e);
    }
  }
}
