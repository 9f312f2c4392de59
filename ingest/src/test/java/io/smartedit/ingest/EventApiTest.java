package io.smartedit.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.service.EditEvent;
import io.smartedit.service.Problem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Server-sent events, to whom they concern. */
@Timeout(60)
final class EventApiTest {

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @Test
  void aTenantHearsOfItsEditsAlone() throws Exception {
    try (LoneIngest ingest = new LoneIngest();
        BufferedReader shop = open(ingest, "/v1/events?tenant=shop", "")) {
      await(ingest, 1);
      publish(ingest, 1, "press", "a", "progress");
      publish(ingest, 2, "shop", "b", "progress");
      publish(ingest, 3, "shop", "b", "completed");

      assertThat(message(shop)).containsExactly("id: e-2", "event: progress", "data: {\"n\":2}");
      assertThat(message(shop)).containsExactly("id: e-3", "event: completed", "data: {\"n\":3}");
    }
  }

  @Test
  void theEventsOfAnEditEndWithIt() throws Exception {
    try (LoneIngest ingest = new LoneIngest();
        BufferedReader edit = open(ingest, "/v1/edits/b/events", "")) {
      await(ingest, 1);
      publish(ingest, 1, "default", "a", "failed");
      publish(ingest, 2, "default", "b", "progress");
      publish(ingest, 3, "default", "b", "failed");

      assertThat(message(edit)).contains("event: progress");
      assertThat(message(edit)).contains("event: failed");
      assertThat(edit.readLine()).isNull();
      await(ingest, 0);
    }
  }

  @Test
  void aTenantLeavesRoomForOthers() {
    EventSubscriptions subscriptions = new EventSubscriptions();
    int first = openAll(subscriptions, "shop");
    int second = openAll(subscriptions, "press");

    assertThat(first).isEqualTo(50);
    assertThat(second).isEqualTo(25);
    assertThat(openAll(subscriptions, "bank")).isPositive();
  }

  /** How many subscriptions a tenant gets. */
  private static int openAll(EventSubscriptions subscriptions, String tenant) {
    for (int open = 0; ; open++) {
      try {
        subscriptions.open(tenant, null, null);
      } catch (Problem refusal) {
        assertThat(refusal.status()).isEqualTo(429);
        return open;
      }
    }
  }

  @Test
  void whoComesBackHearsWhatWasMissed() throws Exception {
    try (LoneIngest ingest = new LoneIngest()) {
      for (int i = 1; i <= 5; i++) {
        publish(ingest, i, "default", "a", "progress");
      }
      try (BufferedReader back = open(ingest, "/v1/events", "e-3")) {
        assertThat(message(back)).contains("id: e-4");
        assertThat(message(back)).contains("id: e-5");
      }
    }
  }

  @Test
  void whoReadsTooSlowlyIsToldSo() throws Exception {
    try (LoneIngest ingest = new LoneIngest();
        BufferedReader slow = open(ingest, "/v1/events", "")) {
      await(ingest, 1);
      for (int i = 0; i < 20_000; i++) {
        ingest.subscriptions.publish(
            new EditEvent("e-" + i, "default", "a", "progress", "\"" + "x".repeat(1000) + "\""));
      }

      List<String> last = List.of();
      for (List<String> next = message(slow); !next.isEmpty(); next = message(slow)) {
        last = next;
      }
      assertThat(last).contains("event: dropped");
    }
  }

  @Test
  void aTenantFollowsFiftyTimesAtMost() throws Exception {
    List<BufferedReader> readers = new ArrayList<>();
    try (LoneIngest ingest = new LoneIngest()) {
      for (int i = 0; i < 50; i++) {
        readers.add(open(ingest, "/v1/events", ""));
      }
      await(ingest, 50);

      HttpResponse<String> refused =
          HTTP.send(
              HttpRequest.newBuilder(ingest.uri("/v1/events")).build(), BodyHandlers.ofString());

      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    } finally {
      for (BufferedReader reader : readers) {
        reader.close();
      }
    }
  }

  private static BufferedReader open(LoneIngest ingest, String path, String after)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(ingest.uri(path));
    if (!after.isEmpty()) {
      request.header("Last-Event-ID", after);
    }
    HttpResponse<InputStream> answer = HTTP.send(request.build(), BodyHandlers.ofInputStream());
    assertThat(answer.statusCode()).isEqualTo(200);
    return new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
  }

  private static void await(LoneIngest ingest, int subscriptions) {
    Awaitility.await().until(() -> ingest.subscriptions.size() == subscriptions);
  }

  private static void publish(
      LoneIngest ingest, int number, String tenant, String requestId, String type) {
    ingest.subscriptions.publish(
        new EditEvent("e-" + number, tenant, requestId, type, "{\"n\":%d}".formatted(number)));
  }

  /** The lines of the next event, past comments; empty where none comes any more. */
  private static List<String> message(BufferedReader events) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = events.readLine(); line != null; line = events.readLine()) {
      if (line.isEmpty() && !lines.isEmpty()) {
        return lines;
      }
      if (!line.isEmpty() && !line.startsWith(":")) {
        lines.add(line);
      }
    }
    return lines;
  }
}
