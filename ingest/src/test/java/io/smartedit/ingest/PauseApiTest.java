package io.smartedit.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.PauseScope;
import io.smartedit.events.Paused;
import io.smartedit.events.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may pause what, and what follows. The sink is a server that says what it should. */
@NullUnmarked // start fills the fields
final class PauseApiTest {

  @TempDir private Path folder;
  private HttpServer sink;
  private LoneIngest ingest;
  private volatile String served = "";

  @BeforeEach
  void start() throws IOException {
    sink = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    sink.createContext(
        "/",
        exchange -> {
          byte[] body = ("{\"pauses\":[],\"data\":[" + served + "]}").getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    sink.start();
    Path keys =
        Files.writeString(folder.resolve("keys"), DigestUtils.sha256Hex("shops-key") + " shop\n");
    ingest =
        ingest(Map.of("keys.file", keys.toString(), "admin.keys", DigestUtils.sha256Hex("boss")));
  }

  private LoneIngest ingest(Map<String, String> own) {
    Map<String, String> given = new HashMap<>(own);
    given.put("status.url", "http://127.0.0.1:" + sink.getAddress().getPort());
    return new LoneIngest(given, new InMemorySchemaRegistry());
  }

  @AfterEach
  void stop() {
    ingest.close();
    sink.stop(0);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/pauses",
    "PUT, /v1/pauses/all",
    "DELETE, /v1/pauses/all",
    "PUT, /v1/pauses/tenants/shop",
    "DELETE, /v1/pauses/tenants/shop",
    "PUT, /v1/pauses/models/photo",
    "DELETE, /v1/pauses/models/photo"
  })
  void onlyAnAdminsKeyWillDo(String method, String path) throws Exception {
    assertThat(call(method, path, "", "").statusCode()).isEqualTo(401);
    HttpResponse<String> tenants = call(method, path, "shops-key", "");
    assertThat(tenants.statusCode()).isEqualTo(403);
    assertThat(tenants.body()).contains("admin.keys").doesNotContain("shops-key");
    assertThat(ingest.producer.history()).isEmpty();

    HttpResponse<String> admins = call(method, path, "boss", "");

    assertThat(admins.statusCode()).as(admins.body()).isIn(200, 202);
  }

  @Test
  void whereNoKeysAreAskedForAnybodyMay() throws Exception {
    try (LoneIngest open = ingest(Map.of())) {
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(open.uri("/v1/pauses/all"))
                      .PUT(BodyPublishers.noBody())
                      .build(),
                  BodyHandlers.ofString());

      assertThat(answer.statusCode()).isEqualTo(202);
    }
  }

  @Test
  void aPauseIsOnTheBrokerWithItsReasonUntilItIsResumed() throws Exception {
    call("PUT", "/v1/pauses/tenants/shop", "boss", "{\"reason\": \"unpaid\"}");
    call("PUT", "/v1/pauses/all", "boss", "");
    call("DELETE", "/v1/pauses/tenants/shop", "boss", "");

    List<ProducerRecord<String, SpecificRecord>> sent = ingest.producer.history();
    assertThat(sent).extracting(ProducerRecord::topic).containsOnly(Topics.PAUSES);
    assertThat(sent)
        .extracting(ProducerRecord::key)
        .containsExactly("tenants/shop", "all", "tenants/shop");
    Paused first = (Paused) sent.get(0).value();
    assertThat(first.getScope()).isEqualTo(PauseScope.TENANT);
    assertThat(first.getReason()).isEqualTo("unpaid");
    assertThat(sent.get(2).value()).isNull();
  }

  @Test
  void withTheModelThatAloneEditsThemThoseRestThatNameNone() throws Exception {
    served = "{\"id\":\"photo\",\"default\":true},{\"id\":\"sketch\",\"default\":false}";
    call("PUT", "/v1/pauses/models/photo", "boss", "");
    call("PUT", "/v1/pauses/models/sketch", "boss", "");
    served = "{\"id\":\"photo\",\"default\":true},{\"id\":\"other\",\"default\":true}";
    call("PUT", "/v1/pauses/models/photo", "boss", "");

    assertThat(ingest.producer.history())
        .extracting(sent -> ((Paused) sent.value()).getUnnamed())
        .containsExactly(true, false, false);
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/pauses/tenants/-, '', name is not a name",
    "/v1/pauses/models/a%20b, '', name is not a name",
    "/v1/pauses/all, '{\"why\": \"\"}', there are reason",
    "/v1/pauses/all, '{\"reason\": 7}', reason is 7"
  })
  void whatIsAskedInTheWrongFormPausesNothing(String path, String body, String said)
      throws Exception {
    HttpResponse<String> answer = call("PUT", path, "boss", body);

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains(said);
    assertThat(ingest.producer.history()).isEmpty();
  }

  private HttpResponse<String> call(String method, String path, String key, String body)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(ingest.uri(path)).method(method, BodyPublishers.ofString(body));
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }
}
