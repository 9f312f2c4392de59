package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.editor.SmartEdit;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.worker.SmartEditImageEditor;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;

/** The whole stream with a toy model, and a client of its front door. */
final class ApiStream implements AutoCloseable {

  static final Path TOY = Path.of("../editor/src/test/resources/parity/tiny");
  static final Duration LIMIT = Duration.ofSeconds(60);
  static final ObjectMapper JSON = new ObjectMapper();
  static final HttpClient HTTP = HttpClient.newHttpClient();

  final LocalStream stream;

  /** An uploaded image. */
  final String source;

  ApiStream(Path folder) throws Exception {
    this(folder, Map.of());
  }

  /** With settings of the services. */
  ApiStream(Path folder, Map<String, String> own) throws Exception {
    Map<String, String> given = new HashMap<>(Map.of("worker.batch", "4"));
    given.putAll(own);
    stream =
        LocalStream.start(
            folder,
            new SmartEditImageEditor(SmartEdit.open(TOY, SmartEdit.Settings.DEFAULT)),
            "toy",
            given);
    await("the stream").atMost(LIMIT).until(stream::isReady);
    byte[] png = Files.readAllBytes(TOY.resolve("source.png"));
    HttpResponse<String> uploaded = call("POST", "/v1/images", BodyPublishers.ofByteArray(png));
    assertThat(uploaded.statusCode()).isEqualTo(201);
    source = JSON.readTree(uploaded.body()).path("source").asText();
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }

  static int poll(EventStream events, String id, List<SpecificRecord> own) {
    events.poll(
        event -> {
          boolean terminal = event instanceof EditCompleted || event instanceof EditFailed;
          if (terminal && id.equals(event.get(0))) {
            own.add(event);
          }
        });
    return own.size();
  }

  void submitAndEnd() throws Exception {
    end(submit(request(UUID.randomUUID().toString(), source, "")));
  }

  String submit(String body) throws Exception {
    HttpResponse<String> answer = post("/v1/edits", body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    return JSON.readTree(answer.body()).path("requestId").asText();
  }

  static String request(String id, String from, String more) {
    String options = more.contains("options") ? "" : ",\"options\":{\"steps\":2,\"size\":64}";
    return """
    {"requestId": "%s", "source": "%s", "instruction": "remove the smaller cat" %s %s}\
    """
        .formatted(id, from, options, more);
  }

  JsonNode end(String id) {
    return end("default", id);
  }

  JsonNode end(String tenant, String id) {
    JsonNode[] last = new JsonNode[1];
    await("the end of " + id)
        .atMost(LIMIT)
        .until(
            () -> {
              last[0] = status(tenant, id);
              String state = last[0].path("state").asText();
              return state.equals("COMPLETED") || state.equals("FAILED");
            });
    return last[0];
  }

  JsonNode status(String tenant, String id) {
    String page = stream.endpoints().http() + "/v1/edits/" + id + "?tenant=" + tenant;
    try {
      return JSON.readTree(get(page).body());
    } catch (Exception e) {
      throw new IllegalStateException("status cannot be asked for", e);
    }
  }

  HttpResponse<String> post(String path, String body) throws Exception {
    return call("POST", path, BodyPublishers.ofString(body));
  }

  HttpResponse<String> call(String method, String path, HttpRequest.BodyPublisher body)
      throws Exception {
    URI uri = URI.create(stream.endpoints().http() + path);
    return HTTP.send(
        HttpRequest.newBuilder(uri).method(method, body).build(), BodyHandlers.ofString());
  }

  static HttpResponse<String> get(String url) throws Exception {
    return HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
  }
}
