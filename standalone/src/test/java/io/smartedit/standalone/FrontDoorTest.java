package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.editor.SmartEdit;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.ingest.Ingest;
import io.smartedit.ingest.IngestSettings;
import io.smartedit.service.Settings;
import io.smartedit.sink.ResultsSink;
import io.smartedit.sink.SinkSettings;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP sides of a running stream, as a client sees them. */
final class FrontDoorTest {

  private static final Path TOY = Path.of("../editor/src/test/resources/parity/tiny");
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private static Path folder = Path.of("");

  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static LocalStream stream;
  private static String source = "";

  @BeforeAll
  static void start() throws Exception {
    stream = LocalStream.start(folder, SmartEdit.open(TOY, SmartEdit.Settings.DEFAULT), "toy", 4);
    Waiting.until("the stream", LIMIT, stream::isReady);
    byte[] png = Files.readAllBytes(TOY.resolve("source.png"));
    HttpResponse<String> uploaded = call("POST", "/v1/pictures", BodyPublishers.ofByteArray(png));
    assertThat(uploaded.statusCode()).isEqualTo(201);
    source = JSON.readTree(uploaded.body()).path("source").asText();
    assertThat(source).startsWith("s3://pictures/default/").endsWith(".png");
  }

  @AfterAll
  static void stop() throws IOException {
    stream.close();
  }

  @Test
  void aSubmittedEditCanBeFollowedToItsEnd() throws Exception {
    String id = submit(request(UUID.randomUUID().toString(), source, ""));

    JsonNode end = end(id);

    assertThat(end.path("state").asText()).isEqualTo("COMPLETED");
    assertThat(end.path("output").asText()).isEqualTo("s3://edited/default/" + id + ".png");
  }

  @Test
  void theSameIdAgainGivesTheSameAnswerAndNoSecondEvent() throws Exception {
    String id = UUID.randomUUID().toString();
    try (EventStream events = new EventStream(stream.endpoints(), false)) {
      List<SpecificRecord> own = new ArrayList<>();
      HttpResponse<String> first = post("/v1/edits", request(id, source, ""));
      HttpResponse<String> second = post("/v1/edits", request(id, source, ""));
      end(id);
      submitAndEnd();

      assertThat(first.statusCode()).isEqualTo(202);
      assertThat(second.body()).isEqualTo(first.body());
      Waiting.until("the event", LIMIT, () -> poll(events, id, own) > 0);
      poll(events, id, own);
      assertThat(own).hasSize(1);
    }
  }

  @Test
  void everyRefusalNamesTheFieldAndTheLimit() throws Exception {
    assertRefused("{\"source\": \"" + source + "\"}", "instruction", "is missing");
    assertRefused(request("a b", source, ""), "requestId", "1 to 64");
    assertRefused(request("x", "ftp://a/b.png", ""), "source", "s3://");
    assertRefused(request("x", "https://a/b.png", ""), "source", "is not allowed here");
    assertRefused(request("x", "s3://secret/b.png", ""), "source", "edited, pictures");
    assertRefused(request("x", "request:y", ""), "sessionId", "need one");
    assertRefused(
        request("x", source, ",\"options\":{\"steps\":0}"), "options.steps", "from 1 to 1000");
    assertRefused(
        request("x", source, ",\"options\":{\"size\":13}"), "options.size", "multiple of 8");
    assertRefused(
        request("x", source, ",\"options\":{\"step\":3}"), "options.step", "is not known");
    assertRefused(
        request("x", source, ",\"options\":{\"prefix\":\"../up\"}"), "options.prefix", "folders");
    assertRefused(request("x", source, ",\"priority\":\"soon\""), "priority", "normal, bulk");
    assertRefused(request("x", source, ",\"deadline\":\"soon\""), "deadline", "2026");
    assertThat(post("/v1/edits", "[1]").statusCode()).isEqualTo(400);
    assertThat(post("/v1/edits", "{\"a\":").body())
        .contains("Not JSON")
        .doesNotContain("Exception");
    assertThat(post("/v1/edits", "x".repeat(300_000)).statusCode()).isEqualTo(413);
    assertThat(post("/v1/pictures", "no image").statusCode()).isEqualTo(415);
    assertThat(post("/v1/nothing", "").headers().firstValue("Content-Type"))
        .hasValue("application/problem+json");
  }

  @Test
  void everyLineOfAManifestHasItsOwnVerdict() throws Exception {
    StringBuilder manifest = new StringBuilder();
    for (int i = 0; i < 2000; i++) {
      // Cheap ones: they end by their deadline.
      String late = ",\"deadline\":\"2020-01-01T00:00:00Z\"";
      manifest.append(i % 10 == 3 ? "{\"source\": 7}" : request("m-" + i, source, late));
      manifest.append('\n');
    }

    HttpResponse<String> answer = post("/v1/manifests", manifest.toString());

    List<String> lines = answer.body().lines().toList();
    assertThat(lines).hasSize(2000);
    for (int i = 0; i < lines.size(); i++) {
      JsonNode verdict = JSON.readTree(lines.get(i));
      assertThat(verdict.path("line").asInt()).isEqualTo(i + 1);
      assertThat(verdict.path("status").asInt()).isEqualTo(i % 10 == 3 ? 400 : 202);
    }
    assertThat(end("m-1999").path("failure").path("status").asText()).isEqualTo("EXPIRED");
  }

  @Test
  void aCancelledRequestCanBeDrivenAgain() throws Exception {
    String id = UUID.randomUUID().toString();
    submit(request(id, source, ",\"options\":{\"steps\":1000,\"size\":64}"));
    assertThat(call("DELETE", "/v1/edits/" + id, BodyPublishers.noBody()).statusCode())
        .isEqualTo(202);
    assertThat(end(id).path("failure").path("status").asText()).isEqualTo("CANCELLED");

    HttpResponse<String> again = post("/v1/edits/" + id + "/redrive", "{\"steps\": 2}");

    assertThat(again.statusCode()).isEqualTo(202);
    assertThat(JSON.readTree(again.body()).path("requestId").asText()).isEqualTo(id + ".r1");
    assertThat(end(id + ".r1").path("state").asText()).isEqualTo("COMPLETED");
    assertThat(post("/v1/edits/" + id + ".r1/redrive", "").statusCode()).isEqualTo(404);
  }

  @Test
  void aTurnWaitsForTheOneBeforeAndFailsWithIt() throws Exception {
    String first = UUID.randomUUID().toString();
    String session = ",\"sessionId\":\"" + first + "\"";
    String slow = ",\"options\":{\"steps\":20,\"size\":64}";
    submit(request(first, source, session + slow));
    String second = submit(request("t2-" + first, "request:" + first, session));
    String third = submit(request("t3-" + first, "request:t2-" + first, session));
    String broken = submit(request("b1-" + first, "s3://pictures/none.png", session));
    String after = submit(request("b2-" + first, "request:b1-" + first, session));

    assertThat(end(second).path("state").asText()).isEqualTo("COMPLETED");
    assertThat(end(third).path("state").asText()).isEqualTo("COMPLETED");
    assertThat(end(broken).path("state").asText()).isEqualTo("FAILED");
    assertThat(end(after).path("failure").path("message").asText())
        .contains("request " + broken + " ended without an image");
  }

  @Test
  void bulkRequestsAndPrefixesAreServed() throws Exception {
    String id = UUID.randomUUID().toString();
    submit(
        request(
            id,
            source,
            ",\"priority\":\"bulk\",\"options\":{\"steps\":2,\"size\":64,\"prefix\":\"2026/a\"}"));

    assertThat(end(id).path("output").asText())
        .isEqualTo("s3://edited/default/2026/a/" + id + ".png");
  }

  @Test
  void servicesSayHowTheyAre() throws Exception {
    submitAndEnd();
    for (int port : new int[] {stream.workerPort(), stream.sinkPort()}) {
      String base = "http://127.0.0.1:" + port;
      assertThat(get(base + "/live").statusCode()).isEqualTo(200);
      assertThat(get(base + "/ready").statusCode()).isEqualTo(200);
      assertThat(get(base + "/metrics").body()).contains("jvm_memory_used_bytes");
    }
    assertThat(get("http://127.0.0.1:" + stream.workerPort() + "/metrics").body())
        .contains("smartedit_worker_outcomes_total{status=\"EDITED\"}")
        .contains("kafka_consumer_fetch_manager_records_lag");
    assertThat(get(stream.endpoints().http() + "/openapi.json").body()).contains("/v1/manifests");
    assertThat(get(stream.endpoints().http() + "/v1/edits/nobody").statusCode()).isEqualTo(404);
  }

  @Test
  void twoSinksAnswerForEachOther() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      ids.add(submit(request(UUID.randomUUID().toString(), source, "")));
    }
    Map<String, String> given = new HashMap<>(stream.endpoints().settings());
    given.put("sink.state", folder.resolve("second-sink").toString());
    given.put("http.port", "0");
    given.put("kafka.client.session.timeout.ms", "6000"); // missed soon once it is gone
    SinkSettings settings = SinkSettings.of(Settings.read(SinkSettings.DECLARED, given));
    try (ResultsSink second = new ResultsSink(settings, settings.cluster().registry())) {
      second.start();
      Waiting.until("both sinks", LIMIT, () -> second.isReady() && stream.isReady());

      for (String id : ids) {
        for (int port : new int[] {stream.sinkPort(), second.port()}) {
          String page = "http://127.0.0.1:" + port + "/v1/edits/" + id;
          Waiting.until(page, LIMIT, () -> body(page).contains("\"COMPLETED\""));
        }
      }
    }
    for (String id : ids) {
      String page = "http://127.0.0.1:" + stream.sinkPort() + "/v1/edits/" + id;
      Waiting.until(page, LIMIT, () -> body(page).contains("\"COMPLETED\""));
    }
  }

  @Test
  void aKeyOpensTheDoorForItsTenantAlone() throws Exception {
    Path keys = folder.resolve("keys");
    Files.write(keys, List.of(sha256("shop's") + " shop 2", sha256("press's") + " press"));
    Map<String, String> given = new HashMap<>(stream.endpoints().settings());
    given.put("http.port", "0");
    given.put("status.url", "http://127.0.0.1:" + stream.sinkPort());
    given.put("keys.file", keys.toString());
    IngestSettings settings = IngestSettings.of(Settings.read(IngestSettings.DECLARED, given));
    try (S3ObjectStore store = stream.endpoints().store();
        Ingest door =
            new Ingest(settings, settings.cluster().registry(), store, Clock.systemUTC())) {
      String url = "http://127.0.0.1:" + door.port();
      HttpResponse<String> nameless = call(url, "", "POST", "/v1/edits", request("x", source, ""));
      assertThat(nameless.statusCode()).isEqualTo(401);
      assertThat(nameless.headers().firstValue("WWW-Authenticate")).contains("Bearer");
      assertThat(call(url, "guessed", "GET", "/v1/edits/x", "").statusCode()).isEqualTo(401);
      String own = source.replace("/default/", "/shop/");
      store.write(
          ObjectName.parse(own),
          store.read(ObjectName.parse(source), 1 << 20),
          "image/png",
          Map.of());

      String id = UUID.randomUUID().toString();
      assertThat(call(url, "shop's", "POST", "/v1/edits", request(id, own, "")).statusCode())
          .isEqualTo(202);

      assertThat(end("shop", id).path("output").asText())
          .isEqualTo("s3://edited/shop/" + id + ".png");
      assertThat(call(url, "shop's", "GET", "/v1/edits/" + id, "").statusCode()).isEqualTo(200);
      assertThat(call(url, "press's", "GET", "/v1/edits/" + id, "").statusCode()).isEqualTo(404);
      String others = "/v1/edits/" + id + "?tenant=shop";
      assertThat(call(url, "press's", "GET", others, "").statusCode()).isEqualTo(403);
      assertThat(call(url, "press's", "DELETE", others, "").statusCode()).isEqualTo(403);
      assertThat(call(url, "press's", "POST", "/v1/edits", request("x", own, "")).body())
          .contains("403", "\"field\":\"source\"");
      assertThat(call(url, "shop's", "POST", "/v1/pictures?tenant=press", "GIF8").statusCode())
          .isEqualTo(403);
      String lines = (request("m-1", own, "") + "\n").repeat(2);
      assertThat(call(url, "shop's", "POST", "/v1/manifests", lines).body())
          .contains("{\"line\":1,\"status\":202", "{\"line\":2,\"status\":429");
      HttpResponse<String> tooMany =
          call(url, "shop's", "POST", "/v1/edits", request("y", own, ""));
      assertThat(tooMany.statusCode()).isEqualTo(429);
      assertThat(tooMany.headers().firstValueAsLong("Retry-After").orElse(0)).isBetween(1L, 31L);
    }
  }

  @Test
  void anEditIsInTheTraceOfTheCallThatAskedForIt() throws Exception {
    String id = UUID.randomUUID().toString();
    String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    try (EventStream events = new EventStream(stream.endpoints(), false)) {
      List<SpecificRecord> own = new ArrayList<>();
      HttpRequest ask =
          HttpRequest.newBuilder(URI.create(stream.endpoints().http() + "/v1/edits"))
              .header("traceparent", trace)
              .POST(BodyPublishers.ofString(request(id, source, "")))
              .build();
      assertThat(HTTP.send(ask, BodyHandlers.ofString()).statusCode()).isEqualTo(202);

      Waiting.until("the event", LIMIT, () -> poll(events, id, own) > 0);

      assertThat(((EditCompleted) own.get(0)).getRequest().getTraceparent()).isEqualTo(trace);
    }
  }

  @Test
  void anIdIsAnotherRequestForAnotherTenant() throws Exception {
    String id = UUID.randomUUID().toString();
    submit(request(id, source, ",\"tenant\":\"shop\""));
    submit(request(id, source, ",\"tenant\":\"press\""));

    for (String tenant : List.of("shop", "press")) {
      JsonNode end = end(tenant, id);
      assertThat(end.path("tenant").asText()).isEqualTo(tenant);
      assertThat(end.path("output").asText())
          .isEqualTo("s3://edited/" + tenant + "/" + id + ".png");
    }
    assertThat(status("default", id).path("status").asInt()).isEqualTo(404);
  }

  @Test
  void noTurnBuildsOnAnotherTenantsImage() throws Exception {
    String id = UUID.randomUUID().toString();
    String session = ",\"sessionId\":\"" + id + "\"";
    submit(request(id, source, session + ",\"tenant\":\"shop\""));
    assertThat(end("shop", id).path("state").asText()).isEqualTo("COMPLETED");
    String soon = ",\"deadline\":\"" + Instant.now().plusSeconds(2) + "\"";

    submit(request("of-" + id, "request:" + id, session + soon + ",\"tenant\":\"press\""));

    assertThat(end("press", "of-" + id).path("failure").path("status").asText())
        .isEqualTo("EXPIRED");
  }

  private static String sha256(String key) throws Exception {
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash);
  }

  private static HttpResponse<String> call(
      String url, String key, String method, String path, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .method(method, BodyPublishers.ofString(body));
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String body(String page) {
    try {
      return get(page).body();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertRefused(String body, String field, String limit) throws Exception {
    HttpResponse<String> answer = post("/v1/edits", body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.path("field").asText()).isEqualTo(field);
    assertThat(problem.path("detail").asText()).contains(limit);
  }

  private static int poll(EventStream events, String id, List<SpecificRecord> own) {
    events.poll(
        event -> {
          boolean terminal = event instanceof EditCompleted || event instanceof EditFailed;
          if (terminal && id.equals(event.get(0))) {
            own.add(event);
          }
        });
    return own.size();
  }

  private static void submitAndEnd() throws Exception {
    end(submit(request(UUID.randomUUID().toString(), source, "")));
  }

  private static String submit(String body) throws Exception {
    HttpResponse<String> answer = post("/v1/edits", body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    return JSON.readTree(answer.body()).path("requestId").asText();
  }

  private static String request(String id, String from, String more) {
    String options = more.contains("options") ? "" : ",\"options\":{\"steps\":2,\"size\":64}";
    return """
    {"requestId": "%s", "source": "%s", "instruction": "remove the smaller cat" %s %s}"""
        .formatted(id, from, options, more);
  }

  private static JsonNode end(String id) {
    return end("default", id);
  }

  private static JsonNode end(String tenant, String id) {
    JsonNode[] last = new JsonNode[1];
    Waiting.until(
        "the end of " + id,
        LIMIT,
        () -> {
          last[0] = status(tenant, id);
          String state = last[0].path("state").asText();
          return state.equals("COMPLETED") || state.equals("FAILED");
        });
    return last[0];
  }

  private static JsonNode status(String tenant, String id) {
    String page = stream.endpoints().http() + "/v1/edits/" + id + "?tenant=" + tenant;
    try {
      return JSON.readTree(get(page).body());
    } catch (Exception e) {
      throw new IllegalStateException("status cannot be asked for", e);
    }
  }

  private static HttpResponse<String> post(String path, String body) throws Exception {
    return call("POST", path, BodyPublishers.ofString(body));
  }

  private static HttpResponse<String> call(
      String method, String path, HttpRequest.BodyPublisher body) throws Exception {
    URI uri = URI.create(stream.endpoints().http() + path);
    return HTTP.send(
        HttpRequest.newBuilder(uri).method(method, body).build(), BodyHandlers.ofString());
  }

  private static HttpResponse<String> get(String url) throws Exception {
    return HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
  }
}
