package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.smartedit.events.EditCompleted;
import io.smartedit.service.Settings;
import io.smartedit.sink.ResultsSink;
import io.smartedit.sink.SinkSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP sides of a running stream, as a client sees them. */
final class FrontDoorTest {

  @TempDir private static Path folder = Path.of("");

  private static ApiStream api;

  @BeforeAll
  static void start() throws Exception {
    api = new ApiStream(folder);
  }

  @AfterAll
  static void stop() throws IOException {
    api.close();
  }

  @Test
  void aSubmittedEditCanBeFollowedToItsEnd() throws Exception {
    String id = api.submit(ApiStream.request(UUID.randomUUID().toString(), api.source, ""));

    JsonNode end = api.end(id);

    assertThat(end.path("state").asText()).isEqualTo("COMPLETED");
    assertThat(end.path("output").asText()).isEqualTo("s3://edited/default/" + id + ".png");
  }

  @Test
  void eachOfSeveralVariantsCanBeHad() throws Exception {
    String id = UUID.randomUUID().toString();
    api.submit(ApiStream.request(id, api.source, ",\"options\":{\"steps\":2,\"variants\":2}"));

    JsonNode end = api.end(id);

    assertThat(end.path("variants")).hasSize(1);
    assertThat(end.path("variants").path(0).path("seed").asLong()).isEqualTo(1);
    String result = api.stream.endpoints().http() + "/v1/edits/" + id + "/result";
    assertThat(ApiStream.get(result + "?variant=2").body())
        .isNotEqualTo(ApiStream.get(result).body());
    assertThat(ApiStream.get(result + "?variant=1").body()).isEqualTo(ApiStream.get(result).body());
    assertThat(ApiStream.get(result + "?variant=3").statusCode()).isEqualTo(404);
    assertThat(ApiStream.get(result + "?variant=17").body()).contains("from 1 to 16");
  }

  @Test
  void theSameIdAgainGivesTheSameAnswerAndNoSecondEvent() throws Exception {
    String id = UUID.randomUUID().toString();
    try (EventStream events = new EventStream(api.stream.endpoints(), false)) {
      List<SpecificRecord> own = new ArrayList<>();
      HttpResponse<String> first = api.post("/v1/edits", ApiStream.request(id, api.source, ""));
      HttpResponse<String> second = api.post("/v1/edits", ApiStream.request(id, api.source, ""));
      api.end(id);
      api.submitAndEnd();

      assertThat(first.statusCode()).isEqualTo(202);
      assertThat(second.body()).isEqualTo(first.body());
      await("the event").atMost(ApiStream.LIMIT).until(() -> ApiStream.poll(events, id, own) > 0);
      ApiStream.poll(events, id, own);
      assertThat(own).hasSize(1);
    }
  }

  @Test
  void everyRefusalNamesTheFieldAndTheLimit() throws Exception {
    assertRefused("{\"source\": \"" + api.source + "\"}", "instruction", "is missing");
    assertRefused(ApiStream.request("a b", api.source, ""), "requestId", "1 to 64");
    assertRefused(ApiStream.request("x", "ftp://a/b.png", ""), "source", "s3://");
    assertRefused(ApiStream.request("x", "https://a/b.png", ""), "source", "is not allowed here");
    assertRefused(ApiStream.request("x", "s3://secret/b.png", ""), "source", "edited, pictures");
    assertRefused(ApiStream.request("x", "request:y", ""), "sessionId", "need one");
    assertRefused(
        ApiStream.request("x", api.source, ",\"options\":{\"steps\":0}"),
        "options.steps",
        "from 1 to 1000");
    assertRefused(
        ApiStream.request("x", api.source, ",\"options\":{\"size\":13}"),
        "options.size",
        "multiple of 8");
    assertRefused(
        ApiStream.request("x", api.source, ",\"options\":{\"step\":3}"),
        "options.step",
        "is not known");
    assertRefused(
        ApiStream.request("x", api.source, ",\"options\":{\"prefix\":\"../up\"}"),
        "options.prefix",
        "folders");
    assertRefused(
        ApiStream.request("x", api.source, ",\"priority\":\"soon\""), "priority", "normal, bulk");
    assertRefused(ApiStream.request("x", api.source, ",\"deadline\":\"soon\""), "deadline", "2026");
    assertThat(api.post("/v1/edits", "[1]").statusCode()).isEqualTo(400);
    assertThat(api.post("/v1/edits", "{\"a\":").body())
        .contains("Not JSON")
        .doesNotContain("Exception");
    assertThat(api.post("/v1/edits", "x".repeat(300_000)).statusCode()).isEqualTo(413);
    assertThat(api.post("/v1/pictures", "no image").statusCode()).isEqualTo(415);
    assertThat(api.post("/v1/nothing", "").headers().firstValue("Content-Type"))
        .hasValue("application/problem+json");
  }

  @Test
  void everyLineOfAManifestHasItsOwnVerdict() throws Exception {
    StringBuilder manifest = new StringBuilder();
    for (int i = 0; i < 2000; i++) {
      // Cheap ones: they end by their deadline.
      String late = ",\"deadline\":\"2020-01-01T00:00:00Z\"";
      manifest.append(
          i % 10 == 3 ? "{\"source\": 7}" : ApiStream.request("m-" + i, api.source, late));
      manifest.append('\n');
    }

    HttpResponse<String> answer = api.post("/v1/manifests", manifest.toString());

    List<String> lines = answer.body().lines().toList();
    assertThat(lines).hasSize(2000);
    for (int i = 0; i < lines.size(); i++) {
      JsonNode verdict = ApiStream.JSON.readTree(lines.get(i));
      assertThat(verdict.path("line").asInt()).isEqualTo(i + 1);
      assertThat(verdict.path("status").asInt()).isEqualTo(i % 10 == 3 ? 400 : 202);
    }
    assertThat(api.end("m-1999").path("failure").path("status").asText()).isEqualTo("EXPIRED");
  }

  @Test
  void aCancelledRequestCanBeDrivenAgain() throws Exception {
    String id = UUID.randomUUID().toString();
    api.submit(ApiStream.request(id, api.source, ",\"options\":{\"steps\":1000,\"size\":64}"));
    assertThat(api.call("DELETE", "/v1/edits/" + id, BodyPublishers.noBody()).statusCode())
        .isEqualTo(202);
    assertThat(api.end(id).path("failure").path("status").asText()).isEqualTo("CANCELLED");

    HttpResponse<String> again = api.post("/v1/edits/" + id + "/redrive", "{\"steps\": 2}");

    assertThat(again.statusCode()).isEqualTo(202);
    assertThat(ApiStream.JSON.readTree(again.body()).path("requestId").asText())
        .isEqualTo(id + ".r1");
    assertThat(api.end(id + ".r1").path("state").asText()).isEqualTo("COMPLETED");
    assertThat(api.post("/v1/edits/" + id + ".r1/redrive", "").statusCode()).isEqualTo(404);
  }

  @Test
  void aTurnWaitsForTheOneBeforeAndFailsWithIt() throws Exception {
    String first = UUID.randomUUID().toString();
    String session = ",\"sessionId\":\"" + first + "\"";
    String slow = ",\"options\":{\"steps\":20,\"size\":64}";
    api.submit(ApiStream.request(first, api.source, session + slow));
    String second = api.submit(ApiStream.request("t2-" + first, "request:" + first, session));
    String third = api.submit(ApiStream.request("t3-" + first, "request:t2-" + first, session));
    String broken = api.submit(ApiStream.request("b1-" + first, "s3://pictures/none.png", session));
    String after = api.submit(ApiStream.request("b2-" + first, "request:b1-" + first, session));

    assertThat(api.end(second).path("state").asText()).isEqualTo("COMPLETED");
    assertThat(api.end(third).path("state").asText()).isEqualTo("COMPLETED");
    assertThat(api.end(broken).path("state").asText()).isEqualTo("FAILED");
    assertThat(api.end(after).path("failure").path("message").asText())
        .contains("request " + broken + " ended without an image");
  }

  @Test
  void bulkRequestsAndPrefixesAreServed() throws Exception {
    String id = UUID.randomUUID().toString();
    api.submit(
        ApiStream.request(
            id,
            api.source,
            ",\"priority\":\"bulk\",\"options\":{\"steps\":2,\"size\":64,\"prefix\":\"2026/a\"}"));

    assertThat(api.end(id).path("output").asText())
        .isEqualTo("s3://edited/default/2026/a/" + id + ".png");
  }

  @Test
  void servicesSayHowTheyAre() throws Exception {
    api.submitAndEnd();
    for (int port : new int[] {api.stream.workerPort(), api.stream.sinkPort()}) {
      String base = "http://127.0.0.1:" + port;
      assertThat(ApiStream.get(base + "/live").statusCode()).isEqualTo(200);
      assertThat(ApiStream.get(base + "/ready").statusCode()).isEqualTo(200);
      assertThat(ApiStream.get(base + "/metrics").body()).contains("jvm_memory_used_bytes");
    }
    assertThat(ApiStream.get("http://127.0.0.1:" + api.stream.workerPort() + "/metrics").body())
        .contains("smartedit_worker_outcomes_total{status=\"EDITED\"}")
        .contains("kafka_consumer_fetch_manager_records_lag");
    assertThat(ApiStream.get(api.stream.endpoints().http() + "/openapi.json").body())
        .contains("/v1/manifests");
    assertThat(ApiStream.get(api.stream.endpoints().http() + "/v1/edits/nobody").statusCode())
        .isEqualTo(404);
  }

  @Test
  void rulesAndDashboardsAskForWhatServicesSay() throws Exception {
    Set<String> wanted = DeployedQueries.metrics();
    api.submitAndEnd();

    assertThat(wanted).hasSizeGreaterThan(10);
    await("lag, which Kafka's meters take up once a minute")
        .atMost(Duration.ofSeconds(100))
        .pollInterval(Duration.ofSeconds(2))
        .untilAsserted(() -> assertThat(wanted).isSubsetOf(served()));
  }

  /** Names of the metrics of all three services. */
  private static Set<String> served() throws Exception {
    Set<String> names = new HashSet<>();
    for (String base :
        List.of(
            api.stream.endpoints().http(),
            "http://127.0.0.1:" + api.stream.workerPort(),
            "http://127.0.0.1:" + api.stream.sinkPort())) {
      ApiStream.get(base + "/metrics")
          .body()
          .lines()
          .forEach(line -> names.add(line.split("[ {]", 2)[0]));
    }
    return names;
  }

  @Test
  void twoSinksAnswerForEachOther() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      ids.add(api.submit(ApiStream.request(UUID.randomUUID().toString(), api.source, "")));
    }
    Map<String, String> given = new HashMap<>(api.stream.endpoints().settings());
    given.put("sink.state", folder.resolve("second-sink").toString());
    given.put("http.port", "0");
    given.put("kafka.client.session.timeout.ms", "6000"); // missed soon once it is gone
    SinkSettings settings = SinkSettings.of(Settings.read(SinkSettings.DECLARED, given));
    try (ResultsSink second = new ResultsSink(settings, settings.cluster().registry())) {
      second.start();
      await("both sinks")
          .atMost(ApiStream.LIMIT)
          .until(() -> second.isReady() && api.stream.isReady());

      for (String id : ids) {
        for (int port : new int[] {api.stream.sinkPort(), second.port()}) {
          String page = "http://127.0.0.1:" + port + "/v1/edits/" + id;
          await(page).atMost(ApiStream.LIMIT).until(() -> body(page).contains("\"COMPLETED\""));
        }
      }
    }
    for (String id : ids) {
      String page = "http://127.0.0.1:" + api.stream.sinkPort() + "/v1/edits/" + id;
      await(page).atMost(ApiStream.LIMIT).until(() -> body(page).contains("\"COMPLETED\""));
    }
  }

  @Test
  void anEditIsInTheTraceOfTheCallThatAskedForIt() throws Exception {
    String id = UUID.randomUUID().toString();
    String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    try (EventStream events = new EventStream(api.stream.endpoints(), false)) {
      List<SpecificRecord> own = new ArrayList<>();
      HttpRequest ask =
          HttpRequest.newBuilder(URI.create(api.stream.endpoints().http() + "/v1/edits"))
              .header("traceparent", trace)
              .POST(BodyPublishers.ofString(ApiStream.request(id, api.source, "")))
              .build();
      assertThat(ApiStream.HTTP.send(ask, BodyHandlers.ofString()).statusCode()).isEqualTo(202);

      await("the event").atMost(ApiStream.LIMIT).until(() -> ApiStream.poll(events, id, own) > 0);

      assertThat(((EditCompleted) own.get(0)).getRequest().getTraceparent()).isEqualTo(trace);
    }
  }

  private static String body(String page) {
    try {
      return ApiStream.get(page).body();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void assertRefused(String body, String field, String limit) throws Exception {
    HttpResponse<String> answer = api.post("/v1/edits", body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonNode problem = ApiStream.JSON.readTree(answer.body());
    assertThat(problem.path("field").asText()).isEqualTo(field);
    assertThat(problem.path("detail").asText()).contains(limit);
  }
}
