package io.smartedit.standalone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.events.RequestRules;
import io.smartedit.standalone.local.LocalCluster.Endpoints;
import io.smartedit.store.SourcePolicy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
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
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** An HTTP client of the front door, and the options of a command that say which one and whose. */
final class IngestClient {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> SCHEMES =
      List.of("s3://", SourcePolicy.WEB, RequestRules.REQUEST_SOURCE);
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

  /** An address of an image as requests name it; a file on this machine is uploaded. */
  String source(String given) throws IOException {
    return SCHEMES.stream().anyMatch(given::startsWith)
        ? given
        : post("/v1/images", BodyPublishers.ofFile(Path.of(given))).path("source").asText();
  }

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

  JsonNode put(String path, BodyPublisher body) throws IOException {
    return call("PUT", path, body);
  }

  /** A name as it stands in a path. */
  static String name(String given) throws RefusedException {
    if (!RequestRules.isName(given)) {
      throw new RefusedException(400, "'" + given + "' is no name of 1 to 64 of A-Z a-z 0-9 . _ -");
    }
    return given;
  }

  /** As {@link #get}; an empty object where nothing is known yet. */
  JsonNode getIfKnown(String path) throws IOException {
    try {
      return get(path);
    } catch (RefusedException e) {
      if (e.isUnknown()) {
        return JSON.createObjectNode();
      }
      throw e;
    }
  }

  /** Hands on an answer line by line, which may take as long as it does. */
  void lines(String method, String path, BodyPublisher body, Consumer<String> lines)
      throws IOException {
    try (BufferedReader answer =
        new BufferedReader(
            new InputStreamReader(stream(method, path, body), StandardCharsets.UTF_8))) {
      for (String line = answer.readLine(); line != null; line = answer.readLine()) {
        lines.accept(line);
      }
    }
  }

  /** Writes an answer of any length. */
  void download(String path, OutputStream out) throws IOException {
    try (InputStream answer = stream("GET", path, BodyPublishers.noBody())) {
      answer.transferTo(out);
    }
  }

  private InputStream stream(String method, String path, BodyPublisher body) throws IOException {
    HttpResponse<InputStream> response =
        send(request(path).method(method, body), HttpResponse.BodyHandlers.ofInputStream());
    if (response.statusCode() >= 300) {
      try (InputStream problem = response.body()) {
        throw refused(response.statusCode(), JSON.readTree(problem));
      }
    }
    return response.body();
  }

  /** The answer's JSON; a refusal becomes an exception with its detail. */
  private JsonNode call(String method, String path, BodyPublisher body) throws IOException {
    HttpResponse<byte[]> response =
        send(
            request(path).timeout(LIMIT).method(method, body),
            HttpResponse.BodyHandlers.ofByteArray());
    JsonNode answer = JSON.readTree(response.body());
    if (response.statusCode() >= 300) {
      throw refused(response.statusCode(), answer);
    }
    return answer;
  }

  private static RefusedException refused(int status, JsonNode problem) {
    return new RefusedException(status, problem.path("detail").asText("HTTP " + status));
  }

  private HttpRequest.Builder request(String path) throws IOException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base() + path + query()));
    return apiKey == null ? request : request.header("Authorization", "Bearer " + apiKey);
  }

  private String base() throws IOException {
    return url == null ? endpoints().http() : url;
  }

  private <T> HttpResponse<T> send(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler)
      throws IOException {
    String base = base();
    try {
      return http.send(request.build(), handler);
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
