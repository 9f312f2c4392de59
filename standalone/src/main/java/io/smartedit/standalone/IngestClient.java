package io.smartedit.standalone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.standalone.local.LocalCluster.Endpoints;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** An HTTP client of the front door, and the options of a command that say which one and whose. */
final class IngestClient {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Option(
      names = "--url",
      description = "The front door (default: that of the stream that `up` keeps in --data).")
  private @Nullable String url;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Data folder of a running `up` (default: ${DEFAULT-VALUE}).")
  private Path data = Path.of("data");

  @Option(
      names = "--api-key",
      paramLabel = "KEY",
      defaultValue = "${env:SMARTEDIT_API_KEY}",
      description = "Where the front door asks for one (default: SMARTEDIT_API_KEY's value).")
  private @Nullable String apiKey;

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      description = "Whose requests (default: the key's, or `default`).")
  private @Nullable String tenant;

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build();

  /** All addresses of a running {@code up}. */
  Endpoints endpoints() throws IOException {
    Path file = data.resolve("endpoints.json");
    if (!Files.exists(file)) {
      throw new IOException(
          file + " does not exist; start `./smartedit up`, or name the front door with --url");
    }
    return JSON.readValue(file.toFile(), Endpoints.class);
  }

  /** Whose requests, where it was said. */
  Optional<String> tenant() {
    return Optional.ofNullable(tenant);
  }

  JsonNode get(String path) throws IOException {
    return call("GET", path, BodyPublishers.noBody());
  }

  JsonNode delete(String path) throws IOException {
    return call("DELETE", path, BodyPublishers.noBody());
  }

  JsonNode post(String path, BodyPublisher body) throws IOException {
    return call("POST", path, body);
  }

  /** The answer's JSON; a refusal becomes an exception with its detail. */
  private JsonNode call(String method, String path, BodyPublisher body) throws IOException {
    String base = url == null ? endpoints().http() : url;
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path + query()))
            .timeout(LIMIT)
            .method(method, body);
    if (apiKey != null) {
      request.header("Authorization", "Bearer " + apiKey);
    }
    try {
      HttpResponse<byte[]> response =
          http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      JsonNode answer = JSON.readTree(response.body());
      if (response.statusCode() >= 300) {
        throw new RefusedException(
            response.statusCode(), answer.path("detail").asText("HTTP " + response.statusCode()));
      }
      return answer;
    } catch (ConnectException e) {
      throw new IOException("nobody listens at " + base + "; is `./smartedit up` running?", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for " + base, e);
    }
  }

  private String query() {
    return tenant == null ? "" : "?tenant=" + URLEncoder.encode(tenant, StandardCharsets.UTF_8);
  }

  /** A refusal of the front door: its status and what it says. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int status;

    RefusedException(int status, String detail) {
      super(detail);
      this.status = status;
    }

    boolean isUnknown() {
      return status == 404;
    }
  }
}
