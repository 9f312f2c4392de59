package io.smartedit.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.Ruling;
import io.smartedit.store.ObjectName;
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
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who may decide of held results, and what follows. The sink is a server that says what it should.
 */
@NullUnmarked // start fills the fields
final class ReviewApiTest {

  private static final byte[] GIF = "GIF89a-held-result".getBytes(UTF_8);

  @TempDir private Path folder;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private HttpServer sink;
  private LoneIngest ingest;
  private volatile String answer = "";

  @BeforeEach
  void start() throws IOException {
    sink = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    sink.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI().toString());
          byte[] body = answer.getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    sink.start();
    Path keys =
        Files.writeString(folder.resolve("keys"), DigestUtils.sha256Hex("shops-key") + " shop\n");
    ingest =
        ingest(Map.of("keys.file", keys.toString(), "review.keys", DigestUtils.sha256Hex("judge")));
  }

  private LoneIngest ingest(Map<String, String> own) {
    Map<String, String> given = new HashMap<>(own);
    given.put("status.url", "http://127.0.0.1:" + sink.getAddress().getPort());
    LoneIngest one = new LoneIngest(given, new InMemorySchemaRegistry());
    one.store.ensureBucket("edited");
    one.store.write(ObjectName.parse("s3://edited/shop/r-1.gif"), GIF, "image/gif", Map.of());
    return one;
  }

  @AfterEach
  void stop() {
    ingest.close();
    sink.stop(0);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/reviews",
    "GET, /v1/reviews/r-1/result?tenant=shop",
    "GET, /v1/reviews/r-1/source?tenant=shop",
    "POST, /v1/edits/r-1/release?tenant=shop",
    "POST, /v1/edits/r-1/refuse?tenant=shop"
  })
  void onlyAReviewersKeyWillDo(String method, String path) throws Exception {
    answer = held();

    HttpResponse<String> none = call(method, path, "", "");
    HttpResponse<String> tenants = call(method, path, "shops-key", "");
    HttpResponse<String> unknown = call(method, path, "judge2", "");
    HttpResponse<String> reviewers = call(method, path, "judge", "");

    assertThat(none.statusCode()).isEqualTo(401);
    assertThat(none.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
    assertThat(tenants.statusCode()).isEqualTo(403);
    assertThat(tenants.body()).contains("review.keys").doesNotContain("shops-key");
    assertThat(unknown.statusCode()).isEqualTo(403);
    assertThat(reviewers.statusCode()).as(reviewers.body()).isIn(200, 202);
  }

  @Test
  void aReviewersKeyIsNoTenantsKey() throws Exception {
    assertThat(call("GET", "/v1/edits/r-1?tenant=shop", "judge", "").statusCode()).isEqualTo(401);
  }

  @Test
  void whereNoKeysAreAskedForAnybodyMay() throws Exception {
    answer = held();
    try (LoneIngest open = ingest(Map.of())) {
      HttpResponse<String> released =
          call(open, "POST", "/v1/edits/r-1/release?tenant=shop", "", "");

      assertThat(released.statusCode()).isEqualTo(202);
    }
  }

  @Test
  void whereThereAreKeysAndNoReviewersNobodyMay() throws Exception {
    answer = held();
    Path keys = folder.resolve("keys");
    try (LoneIngest closed = ingest(Map.of("keys.file", keys.toString()))) {
      assertThat(
              call(closed, "POST", "/v1/edits/r-1/release?tenant=shop", "shops-key", "")
                  .statusCode())
          .isEqualTo(403);
    }
  }

  @Test
  void aVerdictSaysWhoWhatAndWhy() throws Exception {
    answer = held();

    call("POST", "/v1/edits/r-1/refuse?tenant=shop", "judge", "{\"reason\": \"a face\"}");
    call("POST", "/v1/edits/r-1/release?tenant=shop", "judge", "");

    List<EditVerdict> verdicts =
        ingest.producer.history().stream().map(each -> (EditVerdict) each.value()).toList();
    assertThat(verdicts)
        .extracting(EditVerdict::getRuling)
        .containsExactly(Ruling.BLOCK, Ruling.ALLOW);
    assertThat(verdicts)
        .extracting(EditVerdict::getReason)
        .containsExactly("a face", "shows a child");
    assertThat(verdicts).allSatisfy(each -> assertThat(each.getPolicy()).isEqualTo("minors-3"));
    assertThat(verdicts).allSatisfy(each -> assertThat(each.getBy()).isEqualTo("review"));
    assertThat(verdicts).allSatisfy(each -> assertThat(each.getTenant()).isEqualTo("shop"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"state\":\"RUNNING\"}",
        "{\"state\":\"COMPLETED\",\"held\":{\"policy\":\"p\"}}",
        "{\"state\":\"FAILED\",\"held\":{\"policy\":\"p\"}}"
      })
  void whatIsNotHeldIsNotDecided(String status) throws Exception {
    answer = status;

    assertThat(call("POST", "/v1/edits/r-1/release?tenant=shop", "judge", "").statusCode())
        .isEqualTo(409);
    assertThat(ingest.producer.history()).isEmpty();
  }

  @Test
  void aReasonIsBoundedAndNothingElseIsTaken() throws Exception {
    answer = held();
    String path = "/v1/edits/r-1/refuse?tenant=shop";

    assertThat(call("POST", path, "judge", "{\"reason\":\"" + "x".repeat(1001) + "\"}").body())
        .contains("reason has 1001 characters, more than 1000");
    assertThat(call("POST", path, "judge", "{\"policy\":\"mine\"}").statusCode()).isEqualTo(400);
    assertThat(call("POST", path, "judge", "{\"reason\":7}").statusCode()).isEqualTo(400);
  }

  @Test
  void theListIsTheSinksAndAnImageTheStores() throws Exception {
    answer = "{\"items\":[]}";
    String list = call("GET", "/v1/reviews?tenant=shop&after=shop/r-0", "judge", "").body();
    answer = held();
    HttpResponse<String> result = call("GET", "/v1/reviews/r-1/result?tenant=shop", "judge", "");

    assertThat(list).isEqualTo("{\"items\":[]}");
    assertThat(asked)
        .containsExactly("/v1/reviews?tenant=shop&after=shop/r-0", "/v1/reviews/r-1?tenant=shop");
    assertThat(result.body()).isEqualTo(new String(GIF, UTF_8));
    assertThat(result.headers().firstValue("Content-Security-Policy")).isPresent();
    assertThat(call("GET", "/v1/reviews/r-1/result?variant=2", "judge", "").statusCode())
        .isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"after=x", "after=a/b/c", "after=../b", "after=a/b&after=a/b", "tenant="})
  void aQuestionOfTheWrongFormIsRefused(String query) throws Exception {
    assertThat(call("GET", "/v1/reviews?" + query, "judge", "").statusCode()).isEqualTo(400);
    assertThat(asked).isEmpty();
  }

  private static String held() {
    return """
        {"state": "RUNNING", "held": {"policy": "minors-3", "reason": "shows a child"},
         "output": "s3://edited/shop/r-1.gif", "source": "s3://edited/shop/r-1.gif"}""";
  }

  private HttpResponse<String> call(String method, String path, String key, String body)
      throws Exception {
    return call(ingest, method, path, key, body);
  }

  private static HttpResponse<String> call(
      LoneIngest to, String method, String path, String key, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(to.uri(path)).method(method, BodyPublishers.ofString(body));
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }
}
