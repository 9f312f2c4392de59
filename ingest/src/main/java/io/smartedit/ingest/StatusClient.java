package io.smartedit.ingest;

import io.smartedit.events.EditFailed;
import io.smartedit.events.EditRequested;
import io.smartedit.service.Problem;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the sink what became of a request. Thread-safe. */
final class StatusClient {

  private static final Logger LOG = LoggerFactory.getLogger(StatusClient.class);
  private static final long AGAIN_SECONDS = 5;

  /** Of a page of results, which is one of many. */
  private static final int TRIES = 6;

  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build();
  private final String url;

  /**
   * @param url of the sink's HTTP side; empty where it is not known
   */
  StatusClient(String url) {
    this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /**
   * The status of a request, as JSON.
   *
   * @throws Problem 404 where none is known under this id; 503 where the sink cannot say
   */
  byte[] status(String tenant, String requestId) {
    return get(
        "/v1/edits/" + requestId + "?tenant=" + tenant,
        "No request of the id " + requestId + " is known.");
  }

  /**
   * Results that are held, as JSON.
   *
   * @param tenant whose; empty for everybody's
   * @param after as the answer before said {@code next}; empty for the first
   * @throws Problem 400 where {@code after} is none; 503 where the sink cannot say
   */
  byte[] held(String tenant, String after) {
    String query =
        (tenant.isEmpty() ? "" : "&tenant=" + tenant) + (after.isEmpty() ? "" : "&after=" + after);
    return get("/v1/reviews" + (query.isEmpty() ? "" : "?" + query.substring(1)), "");
  }

  /**
   * A result that is held, as JSON.
   *
   * @throws Problem 404 where it is not; 503 where the sink cannot say
   */
  byte[] heldOne(String tenant, String requestId) {
    return get(
        "/v1/reviews/" + requestId + "?tenant=" + tenant,
        "The result of " + requestId + " is not held.");
  }

  /**
   * The request behind a failed event.
   *
   * @throws Problem 404 where none failed under this id; 409 where it cannot be tried again; 503
   *     where the sink cannot say
   */
  EditRequested failedRequest(String tenant, String requestId) {
    byte[] avro =
        get(
            "/v1/edits/" + requestId + "/failed.avro?tenant=" + tenant,
            "No failed request of the id " + requestId + " is known.");
    try {
      EditFailed failed =
          new SpecificDatumReader<EditFailed>(EditFailed.getClassSchema())
              .read(null, DecoderFactory.get().binaryDecoder(avro, null));
      EditRequested request = failed.getRequest();
      if (request == null) {
        throw new Problem(
            409, "conflict", "The record could not be read, so it cannot be tried again.", null);
      }
      return request;
    } catch (IOException e) {
      throw new IllegalStateException("the sink's answer is not Avro", e);
    }
  }

  /**
   * The models that workers serve now, as JSON.
   *
   * @throws Problem 503 where the sink cannot say
   */
  byte[] models() {
    return get("/v1/models", "The sink knows no models.");
  }

  /**
   * One of them.
   *
   * @throws Problem 404 where no worker serves it; 503 where the sink cannot say
   */
  byte[] model(String id) {
    return get("/v1/models/" + id, "No worker has announced a model " + id + ".");
  }

  /**
   * What rests, as JSON.
   *
   * @throws Problem 503 where the sink cannot say
   */
  byte[] pauses() {
    return get("/v1/pauses", "The sink knows no pauses.");
  }

  /**
   * The status of a batch, as JSON.
   *
   * @throws Problem as {@link #status}
   */
  byte[] batch(String tenant, String id) {
    return get(
        "/v1/batches/" + id + "?tenant=" + tenant, "No batch of the id " + id + " is known.");
  }

  /**
   * Lines of a batch from after one on, as JSON Lines; none where there are no more.
   *
   * @throws Problem 503 where the sink cannot say
   */
  byte[] batchLines(String tenant, String id, long after) {
    String path = "/v1/batches/" + id + "/lines?tenant=" + tenant + "&after=" + after;
    for (int tries = 1; ; tries++) {
      try {
        return get(path, "No batch of the id " + id + " is known.");
      } catch (Problem e) {
        if (e.status() != 503 || tries == TRIES) {
          throw e;
        }
        LOG.info("the results of batch {} wait: {}", id, e.getMessage());
        rest(Math.max(1, e.retryAfter()));
      }
    }
  }

  private static void rest(long seconds) {
    try {
      TimeUnit.SECONDS.sleep(seconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unavailable(AGAIN_SECONDS, "Interrupted; ask again.", e);
    }
  }

  private byte[] get(String path, String unknown) {
    if (url.isEmpty()) {
      throw new Problem(
          503, "unavailable", "Status is not configured here (setting status.url).", null);
    }
    HttpResponse<byte[]> response = send(path);
    switch (response.statusCode()) {
      case 200 -> {
        return response.body();
      }
      case 404 -> throw new Problem(404, "not found", unknown, null);
      case 503 -> throw Problem.unavailable(again(response), "The sink is starting; ask again.");
      default -> {
        LOG.warn("the sink answered {} to {}", response.statusCode(), path);
        throw Problem.unavailable(
            AGAIN_SECONDS, "The sink answered " + response.statusCode() + "; ask again.");
      }
    }
  }

  /** When the sink wants to be asked again. */
  private static long again(HttpResponse<?> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(text -> text.matches("[1-9][0-9]{0,4}"))
        .map(Long::valueOf)
        .orElse(AGAIN_SECONDS);
  }

  private HttpResponse<byte[]> send(String path) {
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create(url + path)).timeout(LIMIT).build(),
          HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      throw Problem.unavailable(AGAIN_SECONDS, "The sink does not answer; ask again.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Problem.unavailable(AGAIN_SECONDS, "Interrupted; ask again.", e);
    }
  }
}
