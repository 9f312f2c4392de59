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
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;

/** Asks the sink what became of a request. Thread-safe. */
final class StatusClient {

  private static final Duration LIMIT = Duration.ofSeconds(10);

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build();
  private final String url;

  /**
   * @param url of the sink's HTTP side; empty where it is not known
   */
  StatusClient(String url) {
    this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /** The sink's answer as it is: JSON or a problem. */
  HttpResponse<byte[]> status(String tenant, String requestId) {
    return get("/v1/edits/" + requestId + "?tenant=" + tenant);
  }

  /**
   * The request behind a failed event.
   *
   * @throws Problem 404 where none failed under this id
   */
  EditRequested failedRequest(String tenant, String requestId) {
    HttpResponse<byte[]> response = get("/v1/edits/" + requestId + "/failed.avro?tenant=" + tenant);
    if (response.statusCode() != 200) {
      throw new Problem(
          404, "not found", "No failed request of the id " + requestId + " is known.", null);
    }
    try {
      EditFailed failed =
          new SpecificDatumReader<EditFailed>(EditFailed.getClassSchema())
              .read(null, DecoderFactory.get().binaryDecoder(response.body(), null));
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

  private HttpResponse<byte[]> get(String path) {
    if (url.isEmpty()) {
      throw new Problem(
          503, "unavailable", "Status is not configured here (setting status.url).", null);
    }
    try {
      return http.send(
          HttpRequest.newBuilder(URI.create(url + path)).timeout(LIMIT).build(),
          HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException e) {
      Problem problem =
          new Problem(503, "unavailable", "The sink does not answer; ask again.", null);
      problem.initCause(e);
      throw problem;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Problem(503, "unavailable", "Interrupted; ask again.", null);
    }
  }
}
