package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.service.Settings;
import io.smartedit.sink.ResultsSink;
import io.smartedit.sink.SinkSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the stream tells and shows to others, over a real broker, registry and store. */
final class ToldAndSeenTest {

  private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  private static final List<String> TOLD = new CopyOnWriteArrayList<>();

  @TempDir private static Path folder = Path.of("");
  private static HttpServer receiver;
  private static Map<String, String> own = Map.of();
  private static ApiStream api;

  @BeforeAll
  static void start() throws Exception {
    receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    receiver.createContext("/", ToldAndSeenTest::hear);
    receiver.start();
    Path file =
        Files.writeString(
            folder.resolve("webhooks"),
            "default "
                + url()
                + "/tenant "
                + SECRET
                + "\nbrief "
                + url()
                + "/brief "
                + SECRET
                + "\n* requests "
                + SECRET
                + "\n");
    own =
        Map.of(
            "moderation.url",
            url() + "/policy",
            "webhooks.file",
            file.toString(),
            "retention.file",
            Files.writeString(folder.resolve("kept"), "brief 1s 1s\n").toString(),
            "retention.every",
            "1s",
            "webhook.hosts",
            "*",
            "webhook.allow-private",
            "true");
    api = new ApiStream(folder.resolve("data"), own);
  }

  @AfterAll
  static void stop() throws IOException {
    api.close();
    receiver.stop(0);
  }

  private static String url() {
    return "http://127.0.0.1:" + receiver.getAddress().getPort();
  }

  private static void hear(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (exchange.getRequestURI().getPath().equals("/policy")) {
      String id = ApiStream.JSON.readTree(body).path("requestId").asText();
      String verdict =
          id.startsWith("blocked") ? "block" : id.startsWith("held") ? "hold" : "allow";
      byte[] answer =
          "{\"verdict\":\"%s\",\"policy\":\"p-1\"}"
              .formatted(verdict)
              .getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, answer.length);
      exchange.getResponseBody().write(answer);
      exchange.close();
      return;
    }
    TOLD.add(exchange.getRequestURI() + " " + body);
    exchange.sendResponseHeaders(204, -1);
    exchange.close();
  }

  @Test
  void anEditsEndIsToldToItsTenantAndToWhomTheRequestNames() throws Exception {
    String webhook = ",\"webhook\":\"" + url() + "/request\"";
    String id = api.submit(ApiStream.request("told", api.source, webhook));
    assertThat(api.end(id).path("state").asText()).isEqualTo("COMPLETED");

    await("both to be told")
        .atMost(ApiStream.LIMIT)
        .until(() -> TOLD.stream().filter(each -> each.contains("\"told\"")).count() >= 2);
    assertThat(TOLD)
        .filteredOn(each -> each.contains("\"told\""))
        .allSatisfy(each -> assertThat(each).contains("edit.completed"))
        .anyMatch(each -> each.startsWith("/tenant "))
        .anyMatch(each -> each.startsWith("/request "));
  }

  @Test
  void imagesGoToAndFromTheStoreByLinksAndAreErased() throws Exception {
    byte[] png = Files.readAllBytes(ApiStream.TOY.resolve("source.png"));
    HttpResponse<String> asked =
        api.post("/v1/uploads", "{\"type\":\"image/png\",\"bytes\":" + png.length + "}");
    assertThat(asked.statusCode()).as(asked.body()).isEqualTo(201);
    JsonNode upload = ApiStream.JSON.readTree(asked.body());
    HttpRequest put =
        HttpRequest.newBuilder(URI.create(upload.path("url").asText()))
            .header("Content-Type", upload.path("headers").path("Content-Type").asText())
            .PUT(BodyPublishers.ofByteArray(png))
            .build();
    assertThat(ApiStream.HTTP.send(put, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
    String source = upload.path("source").asText();
    String id = api.submit(ApiStream.request("linked", source, ""));
    assertThat(api.end(id).path("state").asText()).isEqualTo("COMPLETED");

    JsonNode links =
        ApiStream.JSON.readTree(api.call("GET", "/v1/edits/linked/links", none()).body());

    assertThat(ApiStream.get(links.path("result").asText()).body()).contains("PNG");
    assertThat(ApiStream.get(links.path("source").asText()).statusCode()).isEqualTo(200);
    HttpResponse<String> erased = api.call("DELETE", "/v1/edits/linked/images", none());
    assertThat(erased.statusCode()).as(erased.body()).isEqualTo(200);
    assertThat(ApiStream.JSON.readTree(erased.body()).path("deleted"))
        .extracting(JsonNode::asText)
        .containsExactly("s3://edited/default/linked.png", source);
    assertThat(ApiStream.get(links.path("result").asText()).statusCode()).isEqualTo(404);
    assertThat(ApiStream.get(links.path("source").asText()).statusCode()).isEqualTo(404);
  }

  @Test
  void imagesOverTheirTimeAreDeletedWhenNoRequestNeedsThemAndThatIsTold() throws Exception {
    byte[] png = Files.readAllBytes(ApiStream.TOY.resolve("source.png"));
    JsonNode uploaded =
        ApiStream.JSON.readTree(
            api.call("POST", "/v1/images?tenant=brief", BodyPublishers.ofByteArray(png)).body());
    String source = uploaded.path("source").asText();
    api.post("/v1/edits?tenant=brief", ApiStream.request("held-brief", source, ""));
    await("it to be held")
        .atMost(ApiStream.LIMIT)
        .until(() -> api.status("brief", "held-brief").has("held"));

    api.post("/v1/edits?tenant=brief", ApiStream.request("soon-gone", source, ""));
    await("the second's result to be gone")
        .atMost(ApiStream.LIMIT)
        .until(() -> told("image.deleted", "s3://edited/brief/soon-gone.png"));
    assertThat(api.call("GET", "/v1/edits/soon-gone/result?tenant=brief", none()).statusCode())
        .isEqualTo(404);
    assertThat(TOLD).noneMatch(each -> each.contains("image.deleted") && each.contains(source));
    assertThat(api.post("/v1/edits/held-brief/release?tenant=brief", "").statusCode())
        .isEqualTo(202);

    await("all to be gone")
        .atMost(ApiStream.LIMIT)
        .until(
            () ->
                told("image.deleted", source)
                    && told("image.deleted", "s3://edited/brief/held-brief.png"));
    assertThat(TOLD)
        .anyMatch(each -> each.startsWith("/brief ") && each.contains("edit.held"))
        .anyMatch(each -> each.contains("\"reason\":\"retention\""));
  }

  private static boolean told(String type, String object) {
    return TOLD.stream().anyMatch(each -> each.contains(type) && each.contains(object));
  }

  @Test
  void aPolicyBlocksAndHoldsAndAPersonReleases() throws Exception {
    String blocked = api.submit(ApiStream.request("blocked-1", api.source, ""));
    String held = api.submit(ApiStream.request("held-1", api.source, ""));

    JsonNode end = api.end(blocked);
    assertThat(end.path("failure").path("status").asText()).isEqualTo("REJECTED");
    assertThat(end.path("failure").path("message").asText()).isEqualTo("blocked by p-1");
    await("it to be held")
        .atMost(ApiStream.LIMIT)
        .until(
            () -> api.status("default", held).path("held").path("policy").asText().equals("p-1"));
    assertThat(api.call("GET", "/v1/edits/held-1/result", none()).statusCode()).isEqualTo(404);
    JsonNode list =
        ApiStream.JSON.readTree(api.call("GET", "/v1/reviews?tenant=default", none()).body());
    assertThat(list.path("items"))
        .extracting(item -> item.path("requestId").asText())
        .containsExactly("held-1");
    assertThat(api.call("GET", "/v1/reviews/held-1/result", none()).body()).contains("PNG");
    assertThat(api.post("/v1/edits/held-1/release", "").statusCode()).isEqualTo(202);
    assertThat(api.end(held).path("state").asText()).isEqualTo("COMPLETED");
    assertThat(api.post("/v1/edits/held-1/refuse", "").statusCode()).isEqualTo(409);
  }

  @Test
  void instancesOfTheSinkThatComeAndGoHoldTellAndDeleteAsOne() throws Exception {
    Map<String, String> settings = new HashMap<>(own);
    settings.putAll(api.stream.endpoints().settings());
    settings.put("sink.state", folder.resolve("second").toString());
    settings.put("http.port", "0");
    SchemaRegistry registry = new HttpSchemaRegistry(api.stream.endpoints().registry(), null);
    List<String> ids = List.of("held-x1", "held-x2", "held-x3", "held-x4", "held-x5", "held-x6");
    try (EventStream events = new EventStream(api.stream.endpoints(), true)) {
      try (ResultsSink second =
          new ResultsSink(
              SinkSettings.of(Settings.read(SinkSettings.DECLARED, settings)), registry)) {
        second.start();
        await("two instances")
            .atMost(ApiStream.LIMIT)
            .until(() -> second.isReady() && api.stream.isReady());
        for (String id : ids) {
          api.post("/v1/edits?tenant=brief", ApiStream.request(id, api.source, ""));
        }
        await("all to be held, whoever is asked")
            .atMost(ApiStream.LIMIT)
            .untilAsserted(
                () -> {
                  String list = "/v1/reviews?tenant=brief";
                  String address = "http://127.0.0.1:" + second.port() + list;
                  assertThat(held(ApiStream.get(address))).containsExactlyElementsOf(ids);
                  assertThat(held(api.call("GET", list, none()))).containsExactlyElementsOf(ids);
                });
        release(ids.subList(0, 3));
      }
      release(ids.subList(3, 6));

      ids.forEach(
          id -> assertThat(api.end("brief", id).path("state").asText()).isEqualTo("COMPLETED"));
      await("each result to be deleted")
          .atMost(ApiStream.LIMIT)
          .until(
              () ->
                  ids.stream()
                      .allMatch(id -> told("image.deleted", "s3://edited/brief/" + id + ".png")));
      api.end(api.submit(ApiStream.request("after-all", api.source, "")));
      List<String> ends = new ArrayList<>();
      await("everything to be read")
          .atMost(ApiStream.LIMIT)
          .until(
              () -> {
                events.poll(
                    event -> {
                      if (event instanceof EditCompleted || event instanceof EditFailed) {
                        ends.add(event.get(0).toString());
                      }
                    });
                return ends.contains("after-all");
              });
      assertThat(ends).filteredOn(ids::contains).containsExactlyInAnyOrderElementsOf(ids);
    }
  }

  private static List<String> held(HttpResponse<String> answer) throws IOException {
    List<String> ids = new ArrayList<>();
    ApiStream.JSON
        .readTree(answer.body())
        .path("items")
        .forEach(item -> ids.add(item.path("requestId").asText()));
    return ids;
  }

  private static void release(List<String> ids) {
    for (String id : ids) {
      await("the release of " + id) // while instances change, it answers 503
          .atMost(ApiStream.LIMIT)
          .until(
              () -> api.post("/v1/edits/" + id + "/release?tenant=brief", "").statusCode() == 202);
    }
  }

  private static HttpRequest.BodyPublisher none() {
    return BodyPublishers.noBody();
  }
}
