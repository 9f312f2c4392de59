package io.smartedit.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.smartedit.ingest.Ingest;
import io.smartedit.ingest.IngestSettings;
import io.smartedit.service.Settings;
import io.smartedit.store.ObjectName;
import io.smartedit.store.S3ObjectStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tenants at the front door: their keys, ids and images. */
final class TenantsTest {

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
  void aKeyOpensTheDoorForItsTenantAlone() throws Exception {
    Path keys = folder.resolve("keys");
    Files.write(keys, List.of(sha256("shop's") + " shop 2", sha256("press's") + " press"));
    Map<String, String> given = new HashMap<>(api.stream.endpoints().settings());
    given.put("http.port", "0");
    given.put("status.url", "http://127.0.0.1:" + api.stream.sinkPort());
    given.put("keys.file", keys.toString());
    IngestSettings settings = IngestSettings.of(Settings.read(IngestSettings.DECLARED, given));
    try (S3ObjectStore store = api.stream.endpoints().store();
        Ingest door =
            new Ingest(settings, settings.cluster().registry(), store, Clock.systemUTC())) {
      String url = "http://127.0.0.1:" + door.port();
      HttpResponse<String> nameless =
          call(url, "", "POST", "/v1/edits", ApiStream.request("x", api.source, ""));
      assertThat(nameless.statusCode()).isEqualTo(401);
      assertThat(nameless.headers().firstValue("WWW-Authenticate")).contains("Bearer");
      assertThat(call(url, "guessed", "GET", "/v1/edits/x", "").statusCode()).isEqualTo(401);
      String own = api.source.replace("/default/", "/shop/");
      store.write(
          ObjectName.parse(own),
          store.read(ObjectName.parse(api.source), 1 << 20),
          "image/png",
          Map.of());

      String id = UUID.randomUUID().toString();
      assertThat(
              call(url, "shop's", "POST", "/v1/edits", ApiStream.request(id, own, "")).statusCode())
          .isEqualTo(202);

      assertThat(api.end("shop", id).path("output").asText())
          .isEqualTo("s3://edited/shop/" + id + ".png");
      assertThat(call(url, "shop's", "GET", "/v1/edits/" + id, "").statusCode()).isEqualTo(200);
      assertThat(call(url, "press's", "GET", "/v1/edits/" + id, "").statusCode()).isEqualTo(404);
      String others = "/v1/edits/" + id + "?tenant=shop";
      assertThat(call(url, "press's", "GET", others, "").statusCode()).isEqualTo(403);
      assertThat(call(url, "press's", "DELETE", others, "").statusCode()).isEqualTo(403);
      assertThat(call(url, "press's", "POST", "/v1/edits", ApiStream.request("x", own, "")).body())
          .contains("403", "\"field\":\"source\"");
      assertThat(call(url, "shop's", "POST", "/v1/pictures?tenant=press", "GIF8").statusCode())
          .isEqualTo(403);
      String lines = (ApiStream.request("m-1", own, "") + "\n").repeat(2);
      assertThat(call(url, "shop's", "POST", "/v1/manifests", lines).body())
          .contains("{\"line\":1,\"status\":202", "{\"line\":2,\"status\":429");
      HttpResponse<String> tooMany =
          call(url, "shop's", "POST", "/v1/edits", ApiStream.request("y", own, ""));
      assertThat(tooMany.statusCode()).isEqualTo(429);
      assertThat(tooMany.headers().firstValueAsLong("Retry-After").orElse(0)).isBetween(1L, 31L);
    }
  }

  @Test
  void aLimitHoldsForAllFrontDoorsTogether() throws Exception {
    Path keys = folder.resolve("limited");
    Files.write(keys, List.of(sha256("mill's") + " mill 6", sha256("farm's") + " farm 6"));
    try (S3ObjectStore store = api.stream.endpoints().store();
        Ingest one = door(keys, store);
        Ingest other = door(keys, store)) {
      await("both doors").atMost(ApiStream.LIMIT).until(() -> one.isReady() && other.isReady());
      Instant begun = Instant.now();
      int accepted = 0;
      for (int i = 0; i < 20; i++) {
        accepted += accepts(i % 3 == 0 ? other : one, "mill") ? 1 : 0;
      }
      int alone = 0;
      for (int i = 0; i < 6; i++) {
        alone += accepts(one, "farm") ? 1 : 0;
      }

      double minutes = Duration.between(begun, Instant.now()).toMillis() / 6e4;
      assertThat((double) accepted).isBetween(6.0, 6 * (1 + minutes));
      assertThat(alone).isEqualTo(6);
    }
  }

  private static Ingest door(Path keys, S3ObjectStore store) {
    Map<String, String> given = new HashMap<>(api.stream.endpoints().settings());
    given.put("http.port", "0");
    given.put("keys.file", keys.toString());
    IngestSettings settings = IngestSettings.of(Settings.read(IngestSettings.DECLARED, given));
    return new Ingest(settings, settings.cluster().registry(), store, Clock.systemUTC());
  }

  /** A request whose source is not there, so that no edit is made of it. */
  private static boolean accepts(Ingest door, String tenant) throws Exception {
    String id = UUID.randomUUID().toString();
    String body = ApiStream.request(id, "s3://pictures/" + tenant + "/none.png", "");
    int status =
        call("http://127.0.0.1:" + door.port(), tenant + "'s", "POST", "/v1/edits", body)
            .statusCode();
    assertThat(status).isIn(202, 429);
    return status == 202;
  }

  @Test
  void anIdIsAnotherRequestForAnotherTenant() throws Exception {
    String id = UUID.randomUUID().toString();
    api.submit(ApiStream.request(id, api.source, ",\"tenant\":\"shop\""));
    api.submit(ApiStream.request(id, api.source, ",\"tenant\":\"press\""));

    for (String tenant : List.of("shop", "press")) {
      JsonNode end = api.end(tenant, id);
      assertThat(end.path("tenant").asText()).isEqualTo(tenant);
      assertThat(end.path("output").asText())
          .isEqualTo("s3://edited/" + tenant + "/" + id + ".png");
    }
    assertThat(api.status("default", id).path("status").asInt()).isEqualTo(404);
  }

  @Test
  void noTurnBuildsOnAnotherTenantsImage() throws Exception {
    String id = UUID.randomUUID().toString();
    String session = ",\"sessionId\":\"" + id + "\"";
    api.submit(ApiStream.request(id, api.source, session + ",\"tenant\":\"shop\""));
    assertThat(api.end("shop", id).path("state").asText()).isEqualTo("COMPLETED");
    String soon = ",\"deadline\":\"" + Instant.now().plusSeconds(2) + "\"";

    api.submit(
        ApiStream.request("of-" + id, "request:" + id, session + soon + ",\"tenant\":\"press\""));

    assertThat(api.end("press", "of-" + id).path("failure").path("status").asText())
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
    return ApiStream.HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }
}
