package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.smartedit.events.BatchCompleted;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Batches on the whole stream. */
@Timeout(180)
final class BatchStreamTest {

  @TempDir private static Path folder = Path.of("");

  private static ApiStream api;

  @BeforeAll
  static void start() throws Exception {
    api = new ApiStream(folder.resolve("stream"));
  }

  @AfterAll
  static void stop() throws IOException {
    api.close();
  }

  @Test
  void aBatchIsSubmittedByTheCommandAndHasItsResultsAndOneEvent() throws Exception {
    Path manifest = folder.resolve("manifest.jsonl");
    Files.writeString(manifest, line(2, "") + "{\"source\": 7}\n" + line(2, "") + late());
    Path results = folder.resolve("results.jsonl");
    String url = api.stream.endpoints().http();
    try (EventStream events = new EventStream(api.stream.endpoints(), false)) {
      List<BatchCompleted> ends = new ArrayList<>();
      String[] submit = {"batch", "submit", manifest.toString(), "--id", "b", "--url", url};

      assertThat(Main.run(submit)).isZero();
      Waiting.until("the event", ApiStream.LIMIT, () -> poll(events, "b", ends) > 0);
      assertThat(Main.run(submit)).isZero();
      assertThat(Main.run("batch", "results", "b", "--out", results.toString(), "--url", url))
          .isZero();

      assertThat(ends.get(0).getCounts())
          .containsEntry("EDITED", 2L)
          .containsEntry("EXPIRED", 1L)
          .hasSize(2);
      List<String> lines = Files.readAllLines(results);
      assertThat(lines).hasSize(3);
      JsonNode third = ApiStream.JSON.readTree(lines.get(1));
      assertThat(third.path("line").asInt()).isEqualTo(3);
      assertThat(third.path("output").asText()).isEqualTo("s3://edited/default/b.3.png");
      assertThat(ApiStream.JSON.readTree(lines.get(2)).path("state").asText()).isEqualTo("EXPIRED");
      JsonNode status = status("b");
      assertThat(status.path("state").asText()).isEqualTo("COMPLETED");
      assertThat(status.path("refused").asInt()).isEqualTo(1);
      poll(events, "b", ends);
      assertThat(ends).hasSize(1);
    }
  }

  @Test
  void aBatchRestsWhileOthersGoOnAndThenGoesOn() throws Exception {
    assertThat(tell("POST", "/v1/batches/rests/pause")).isEqualTo(202);
    Waiting.until("the pause", ApiStream.LIMIT, () -> state("rests").equals("PAUSED"));
    send("rests", line(2, "").repeat(20));

    Waiting.until(
        "all to rest", ApiStream.LIMIT, () -> status("rests").path("parked").asInt() == 20);
    api.submitAndEnd();
    assertThat(status("rests").path("counts").path("open").asInt()).isEqualTo(20);

    tell("POST", "/v1/batches/rests/resume");
    Waiting.until("its end", ApiStream.LIMIT, () -> state("rests").equals("COMPLETED"));
    assertThat(status("rests").path("counts").path("edited").asInt()).isEqualTo(20);
  }

  @Test
  void whatWaitsSaysWhenItIsExpectedToBegin() throws Exception {
    api.submitAndEnd(); // so that an edit was measured
    send("queue", line(1000, ",\"priority\":\"bulk\"").repeat(12));
    await("an expected start")
        .atMost(ApiStream.LIMIT)
        .until(() -> api.status("default", "queue.12").has("expectedStartAt"));

    JsonNode waits = api.status("default", "queue.12");
    assertThat(waits.path("secondsUntilStart").asDouble()).isPositive();
    assertThat(waits.path("basedOn").path("workers").asInt()).isEqualTo(1);
    assertThat(waits.path("basedOn").path("requestsAhead").asInt()).isBetween(1, 12);
    assertThat(waits.path("basedOn").path("secondsPerEdit").asDouble()).isPositive();
    tell("DELETE", "/v1/batches/queue");
    Waiting.until("its end", ApiStream.LIMIT, () -> state("queue").equals("CANCELLED"));
    assertThat(api.status("default", "queue.12").has("expectedStartAt")).isFalse();
  }

  @Test
  void ofACancelledBatchEveryRequestHasItsEnd() throws Exception {
    send("ends", line(1000, ",\"priority\":\"bulk\"").repeat(30));
    assertThat(tell("DELETE", "/v1/batches/ends")).isEqualTo(202);

    Waiting.until("its end", ApiStream.LIMIT, () -> state("ends").equals("CANCELLED"));

    JsonNode counts = status("ends").path("counts");
    assertThat(counts.path("cancelled").asInt() + counts.path("edited").asInt()).isEqualTo(30);
    assertThat(counts.path("cancelled").asInt()).isPositive();
    assertThat(api.end("ends.30").path("failure").path("status").asText()).isEqualTo("CANCELLED");
  }

  @Test
  void aTenantRestsWhileOthersGoOnAndItsRequestsEndOrGoOnAsTheyShould() throws Exception {
    String url = api.stream.endpoints().http();
    String ours = ",\"tenant\":\"shop\"";
    assertThat(Main.run("pause", "--tenant", "shop", "--reason", "stock-taking", "--url", url))
        .isZero();
    await("the pause")
        .atMost(ApiStream.LIMIT)
        .until(() -> ApiStream.get(url + "/v1/pauses").body().contains("stock-taking"));
    String late = ",\"deadline\":\"" + Instant.now().plusSeconds(3) + "\"";
    api.submit(ApiStream.request("stays", api.source, ours));
    api.submit(ApiStream.request("late", api.source, ours + late));
    api.submit(ApiStream.request("unwanted", api.source, ours));

    api.submitAndEnd();
    assertThat(tell("DELETE", "/v1/edits/unwanted?tenant=shop")).isEqualTo(202);
    JsonNode cancelled = api.end("shop", "unwanted").path("failure");
    assertThat(cancelled.path("status").asText()).isEqualTo("CANCELLED");
    JsonNode expired = api.end("shop", "late").path("failure");
    assertThat(expired.path("status").asText()).isEqualTo("EXPIRED");
    JsonNode rests = api.status("shop", "stays");
    assertThat(rests.path("state").asText()).isEqualTo("REQUESTED");
    assertThat(rests.path("paused").path("scope").asText()).isEqualTo("tenant");
    assertThat(rests.path("paused").path("reason").asText()).isEqualTo("stock-taking");
    assertThat(rests.has("expectedStartAt")).isFalse();

    assertThat(Main.run("resume", "--tenant", "shop", "--url", url)).isZero();
    JsonNode end = api.end("shop", "stays");
    assertThat(end.path("state").asText()).isEqualTo("COMPLETED");
    assertThat(end.has("paused")).isFalse();
    assertThat(Main.run("pause", "--url", url)).isEqualTo(Main.BAD_REQUEST);
  }

  @Test
  void ofNoBatchNothingIsKnown() throws Exception {
    assertThat(Main.run("batch", "status", "none", "--url", api.stream.endpoints().http()))
        .isEqualTo(Main.BAD_REQUEST);
    assertThat(Main.run("batch")).isEqualTo(Main.BAD_REQUEST);
  }

  private static int poll(EventStream events, String batch, List<BatchCompleted> ends) {
    events.poll(
        event -> {
          if (event instanceof BatchCompleted end && end.getBatch().equals(batch)) {
            ends.add(end);
          }
        });
    return ends.size();
  }

  private static void send(String batch, String lines) throws Exception {
    HttpResponse<String> answer =
        api.call("PUT", "/v1/batches/" + batch, BodyPublishers.ofString(lines));
    assertThat(answer.body().lines().reduce("", (a, b) -> b)).contains("\"status\":202");
  }

  private static int tell(String method, String path) throws Exception {
    return api.call(method, path, BodyPublishers.noBody()).statusCode();
  }

  private static String state(String batch) {
    return status(batch).path("state").asText();
  }

  private static JsonNode status(String batch) {
    try {
      return ApiStream.JSON.readTree(
          ApiStream.get(api.stream.endpoints().http() + "/v1/batches/" + batch).body());
    } catch (Exception e) {
      throw new IllegalStateException("status cannot be asked for", e);
    }
  }

  private static String line(int steps, String more) {
    return """
    {"source":"%s","instruction":"remove the cat","options":{"steps":%d,"size":64}%s}
    """
        .formatted(api.source, steps, more);
  }

  private static String late() {
    return line(2, ",\"deadline\":\"2020-01-01T00:00:00Z\"");
  }
}
