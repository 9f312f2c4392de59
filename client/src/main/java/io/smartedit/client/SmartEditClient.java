package io.smartedit.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A client of the front door, over HTTP. Every method returns at once; what it promises completes
 * with {@link RefusedException} where the front door refuses. What meets 429, 503 or nobody is
 * tried again for as long as the patience lasts. Thread-safe.
 */
public final class SmartEditClient {

  private static final Duration RECONNECT = Duration.ofSeconds(1);
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Transport transport;

  /**
   * Who asks, and how patiently.
   *
   * @param apiKey where the front door asks for one
   * @param tenant whose edits; null for the key's, or {@code default}
   * @param patience how long a call is tried
   */
  public record Options(@Nullable String apiKey, @Nullable String tenant, Duration patience) {

    /** Nobody in particular, for five minutes. */
    public static final Options DEFAULT = new Options(null, null, Duration.ofMinutes(5));

    /** With an API key. */
    public Options withApiKey(String key) {
      return new Options(key, tenant, patience);
    }

    /** For a tenant. */
    public Options withTenant(String name) {
      return new Options(apiKey, name, patience);
    }

    /** With another patience. */
    public Options withPatience(Duration time) {
      return new Options(apiKey, tenant, time);
    }

    /** Without the key. */
    @Override
    public String toString() {
      return "Options[tenant=" + tenant + ", patience=" + patience + "]";
    }
  }

  /** For anybody. */
  public SmartEditClient(URI url) {
    this(url, Options.DEFAULT);
  }

  public SmartEditClient(URI url, Options options) {
    this.transport = new Transport(url, options);
  }

  /** Uploads an image; answers its s3:// address, which an edit's source may be. */
  public CompletableFuture<String> upload(byte[] image) {
    return transport
        .json(
            transport
                .call("/v1/images")
                .header("Content-Type", "application/octet-stream")
                .POST(BodyPublishers.ofByteArray(image))
                .build())
        .thenApply(answer -> answer.path("source").asText());
  }

  /**
   * Requests an edit; answers its id. One without an id is given one, so that it is edited once.
   */
  public CompletableFuture<String> submit(Edit edit) {
    Edit named =
        edit.fields().containsKey("requestId") ? edit : edit.withId(UUID.randomUUID().toString());
    return post("/v1/edits", BodyPublishers.ofByteArray(Transport.write(body(named))))
        .thenApply(answer -> answer.path("requestId").asText());
  }

  /**
   * Waits for an edit's end, however long it takes, hearing of its progress meanwhile. Completes
   * with {@link EditFailedException} where it ends without a result. To wait no longer, complete or
   * cancel what is returned.
   */
  public CompletableFuture<Edited> await(String requestId, Consumer<Progress> progress) {
    CompletableFuture<Edited> end = new CompletableFuture<>();
    follow(requestId, progress, end);
    return end;
  }

  /** Requests an edit and waits for its end. */
  public CompletableFuture<Edited> edit(Edit edit, Consumer<Progress> progress) {
    return submit(edit).thenCompose(id -> await(id, progress));
  }

  private void follow(
      String requestId, Consumer<Progress> progress, CompletableFuture<Edited> end) {
    HttpRequest request = transport.call("/v1/edits/" + requestId + "/events").GET().build();
    var unused =
        transport
            .send(
                request,
                BodyHandlers.fromLineSubscriber(
                    new EventReader(requestId, progress, end), reader -> reader, null))
            .whenComplete(
                (reader, failure) -> {
                  if (end.isDone()) {
                    return;
                  }
                  if (failure != null && !isBroken(failure)) {
                    end.completeExceptionally(failure);
                    return;
                  }
                  var unusedNext =
                      Transport.after(RECONNECT).thenRun(() -> follow(requestId, progress, end));
                });
  }

  /** Whether a connection broke that had been made, which another one follows. */
  private static boolean isBroken(Throwable failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return !(cause instanceof RefusedException) && !(cause instanceof ConnectException);
  }

  /** What is known of an edit, by the names of {@code /openapi.json}. */
  public CompletableFuture<JsonNode> status(String requestId) {
    return transport.json(transport.call("/v1/edits/" + requestId).GET().build());
  }

  /** The bytes of an edit's result. */
  public CompletableFuture<byte[]> result(String requestId) {
    return transport.send(
        transport.call("/v1/edits/" + requestId + "/result").GET().build(),
        BodyHandlers.ofByteArray());
  }

  /** Cancels an edit. */
  public CompletableFuture<Void> cancel(String requestId) {
    return done(transport.call("/v1/edits/" + requestId).DELETE().build());
  }

  /**
   * Submits a batch. Lines that were put off are submitted again with all others, which changes
   * nothing about those.
   *
   * @param lines gives all of them anew at each call; read one by one
   */
  public CompletableFuture<Submission> submitBatch(String batch, Supplier<Stream<Edit>> lines) {
    return submitBatch(batch, lines, System.nanoTime() + transport.patience().toNanos());
  }

  private CompletableFuture<Submission> submitBatch(
      String batch, Supplier<Stream<Edit>> lines, long end) {
    HttpRequest request =
        transport
            .call("/v1/batches/" + batch)
            .header("Content-Type", "application/jsonl")
            .PUT(BodyPublishers.ofInputStream(() -> new JsonLines(lines.get())))
            .build();
    return transport
        .send(request, BodyHandlers.ofLines())
        .thenApplyAsync(verdicts -> Verdicts.read(batch, verdicts))
        .exceptionallyCompose(
            failure -> {
              boolean putOff =
                  failure.getCause() instanceof RefusedException refused && refused.status() == 503;
              return putOff && System.nanoTime() < end
                  ? Transport.after(RECONNECT).thenCompose(now -> submitBatch(batch, lines, end))
                  : CompletableFuture.failedFuture(failure);
            });
  }

  /** How a batch is. */
  public CompletableFuture<BatchStatus> batch(String batch) {
    return transport
        .json(transport.call("/v1/batches/" + batch).GET().build())
        .thenApply(SmartEditClient::batchStatus);
  }

  /**
   * Waits until all lines of a batch have ended, however long it takes, hearing how it is
   * meanwhile. A batch that is not known is waited for too. To wait no longer, cancel what is
   * returned.
   */
  public CompletableFuture<BatchStatus> awaitBatch(String batch, Consumer<BatchStatus> heard) {
    CompletableFuture<BatchStatus> end = new CompletableFuture<>();
    look(batch, heard, end);
    return end;
  }

  private void look(String batch, Consumer<BatchStatus> heard, CompletableFuture<BatchStatus> end) {
    var unused =
        batch(batch)
            .whenComplete(
                (status, failure) -> {
                  if (status != null) {
                    heard.accept(status);
                  }
                  if (status != null && status.isFinished()) {
                    end.complete(status);
                  } else if (failure != null && !isUnknown(failure)) {
                    end.completeExceptionally(failure);
                  } else if (!end.isDone()) {
                    var unusedNext = Transport.after(LOOK).thenRun(() -> look(batch, heard, end));
                  }
                });
  }

  private static boolean isUnknown(Throwable failure) {
    return failure.getCause() instanceof RefusedException refused && refused.status() == 404;
  }

  /** Lets a batch rest: what is begun is finished, the rest waits. */
  public CompletableFuture<Void> pauseBatch(String batch) {
    return done(
        transport.call("/v1/batches/" + batch + "/pause").POST(BodyPublishers.noBody()).build());
  }

  /** Lets a batch go on that rests. */
  public CompletableFuture<Void> resumeBatch(String batch) {
    return done(
        transport.call("/v1/batches/" + batch + "/resume").POST(BodyPublishers.noBody()).build());
  }

  /** Cancels a batch, for good. */
  public CompletableFuture<Void> cancelBatch(String batch) {
    return done(transport.call("/v1/batches/" + batch).DELETE().build());
  }

  /** Hands on what a batch's lines have become, in their order, one by one. */
  public CompletableFuture<Void> results(String batch, Consumer<BatchLine> lines) {
    return transport
        .send(
            transport.call("/v1/batches/" + batch + "/results").GET().build(),
            BodyHandlers.ofLines())
        .thenAcceptAsync(answer -> answer.map(SmartEditClient::batchLine).forEachOrdered(lines));
  }

  private CompletableFuture<Void> done(HttpRequest request) {
    return transport.json(request).thenAccept(answer -> {});
  }

  private CompletableFuture<JsonNode> post(String path, BodyPublisher body) {
    return transport.json(
        transport.call(path).header("Content-Type", "application/json").POST(body).build());
  }

  /** As the front door reads it. */
  static Map<String, Object> body(Edit edit) {
    Map<String, Object> body = new LinkedHashMap<>(edit.fields());
    if (!edit.options().isEmpty()) {
      body.put("options", edit.options());
    }
    return body;
  }

  private static BatchStatus batchStatus(JsonNode node) {
    Map<String, Long> counts = new HashMap<>();
    node.path("counts")
        .properties()
        .forEach(count -> counts.put(count.getKey(), count.getValue().asLong()));
    return new BatchStatus(
        node.path("batch").asText(),
        node.path("state").asText(),
        node.path("lines").asLong(),
        counts,
        node.path("progress").asDouble());
  }

  private static BatchLine batchLine(String json) {
    JsonNode node = Transport.read(json);
    return new BatchLine(
        node.path("line").asLong(),
        node.path("requestId").asText(),
        node.path("state").asText(),
        node.path("output").asText(),
        node.at("/failure/message").asText());
  }
}
