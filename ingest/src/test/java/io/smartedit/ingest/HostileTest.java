package io.smartedit.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.service.Problem;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.awaitility.Awaitility;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody tries who means no good: refused in order, and the door stays open for others. */
@Timeout(60)
@NullUnmarked // start fills the fields
final class HostileTest {

  @TempDir private static Path folder;
  private static LoneIngest open;
  private static LoneIngest keyed;

  @BeforeAll
  static void start() throws IOException {
    open = new LoneIngest(Map.of(), new InMemorySchemaRegistry());
    Path keys =
        Files.writeString(folder.resolve("keys"), DigestUtils.sha256Hex("k-shop") + " shop\n");
    keyed = new LoneIngest(Map.of("keys.file", keys.toString()), new InMemorySchemaRegistry());
  }

  @AfterAll
  static void stop() {
    open.close();
    keyed.close();
  }

  /** Every route that takes an id. */
  private static Stream<String> routes() {
    return Stream.of(
        "GET /v1/edits/%s",
        "DELETE /v1/edits/%s",
        "POST /v1/edits/%s/redrive",
        "POST /v1/edits/%s/release",
        "POST /v1/edits/%s/refuse",
        "GET /v1/edits/%s/events",
        "GET /v1/edits/%s/result",
        "GET /v1/edits/%s/source",
        "GET /v1/edits/%s/links",
        "DELETE /v1/edits/%s/images",
        "GET /v1/reviews/%s/result",
        "GET /v1/reviews/%s/source",
        "GET /v1/batches/%s",
        "PUT /v1/batches/%s",
        "DELETE /v1/batches/%s",
        "POST /v1/batches/%s/pause",
        "GET /v1/batches/%s/results");
  }

  @ParameterizedTest
  @MethodSource("routes")
  void noIdLeadsOutOfItsPlace(String route) throws Exception {
    for (String id :
        List.of(
            "..%2f..%2fetc",
            "%2e%2e",
            "..;",
            "a%00b",
            "%ff",
            "%c0%ae%c0%ae",
            "a%0d%0aX:%20y",
            "a%7cb",
            "x".repeat(65),
            "-a",
            "%3Cscript%3E",
            "a:b",
            "a@b",
            "%20",
            "~")) {
      String answer = raw(open, route.formatted(id) + " HTTP/1.1", "", "");

      assertThat(answer).as(id).startsWith("HTTP/1.1 4").contains("application/problem+json");
      assertThat(answer).as(id).doesNotContain("\r\nX: y", "Exception", "io.smartedit");
      assertThat(answer).as(id).contains("X-Content-Type-Options: nosniff");
    }
    assertThat(open.producer.history()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("routes")
  void noTenantLeadsOutOfItsPlace(String route) throws Exception {
    for (String tenant : List.of("..", "a%2fb", "", "a&tenant=b", "%ff", "x".repeat(65), "*")) {
      String line = route.formatted("a") + "?tenant=" + tenant + " HTTP/1.1";

      assertThat(raw(open, line, "", "")).as(line).startsWith("HTTP/1.1 400");
    }
  }

  @ParameterizedTest
  @MethodSource("routes")
  void anotherTenantsKeyOpensNothing(String route) throws Exception {
    String line = route.formatted("a") + "?tenant=bank HTTP/1.1";

    assertThat(raw(keyed, line, "Authorization: Bearer k-shop\r\n", ""))
        .as(line)
        .startsWith("HTTP/1.1 403");
    assertThat(raw(keyed, line, "", "")).as(line).startsWith("HTTP/1.1 401");
  }

  @Test
  void aHeaderThatIsReadInTwoWaysIsRefused() throws Exception {
    String two = "Authorization: Bearer k-shop\r\nAuthorization: Bearer other\r\n";

    assertThat(raw(keyed, "GET /v1/edits/a HTTP/1.1", two, "")).startsWith("HTTP/1.1 400");
    for (String header : List.of("Content-Type: application/json\r\n", "Content-Length: 2\r\n")) {
      String twice = header + header.replace("json", "xml").replace("2", "3");
      assertThat(raw(open, "POST /v1/edits HTTP/1.1", twice, "{}")).startsWith("HTTP/1.1 4");
    }
    assertThat(
            raw(
                open,
                "POST /v1/edits HTTP/1.1",
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                "0\r\n\r\nGET /live HTTP/1.1\r\nHost: a\r\n\r\n"))
        .startsWith("HTTP/1.1 400")
        .doesNotContain("live\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Origin: https://evil.example.com\r\n",
        "Origin: http://localhost.evil.example.com\r\n",
        "Origin: null\r\n",
        "Origin: http://a:81\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n",
        "Sec-Fetch-Site: cross-site\r\nOrigin: http://a\r\n"
      })
  void aPageOfAnotherSiteIsRefusedAndMayReadNothing(String headers) throws Exception {
    String body = LoneIngest.request("csrf", "");
    String form = headers + "Content-Type: application/x-www-form-urlencoded\r\n";
    for (String line :
        List.of(
            "POST /v1/edits HTTP/1.1",
            "POST /v1/manifests HTTP/1.1",
            "PUT /v1/batches/b HTTP/1.1",
            "POST /v1/images/edits HTTP/1.1",
            "DELETE /v1/edits/a HTTP/1.1",
            "POST /v1/edits/a/release HTTP/1.1",
            "DELETE /v1/edits/a/images HTTP/1.1")) {
      String answer = raw(open, line, form, body);

      assertThat(answer).as(line).startsWith("HTTP/1.1 403");
      assertThat(answer).as(line).doesNotContain("Access-Control-Allow");
    }
    assertThat(open.producer.history()).isEmpty();
    assertThat(raw(open, "OPTIONS /v1/edits HTTP/1.1", headers, ""))
        .doesNotContain("Access-Control-Allow");
  }

  @Test
  void theOwnPageMayAskAlsoBehindAProxy() throws Exception {
    for (String headers :
        List.of(
            "Origin: http://a\r\n",
            "Origin: http://a\r\nSec-Fetch-Site: same-origin\r\n",
            "Sec-Fetch-Site: none\r\n",
            "Origin: https://edits.example.com\r\nX-Forwarded-Host: edits.example.com\r\n",
            "Origin: https://edits.example.com\r\nSec-Fetch-Site: same-origin\r\n")) {
      assertThat(raw(open, "GET /v1/metrics HTTP/1.1", headers, ""))
          .as(headers)
          .startsWith("HTTP/1.1 200");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/edits", "/v1/manifests", "/v1/images/edits", "/v1/uploads"})
  void bombsOfJsonDoNotGoOff(String path) throws Exception {
    for (String bomb :
        List.of(
            "[".repeat(60_000),
            "{\"a\":".repeat(10_000),
            "{\"options\":{\"seed\":" + "9".repeat(50_000) + "}}",
            "{\"options\":{\"seed\":1e999999999}}",
            "{\"source\":\"" + "\\u0000".repeat(5_000) + "\"}",
            "{\"source\":\"\u00c3(\"}",
            "{" + "\"k\":1,".repeat(5_000) + "\"k\":1}")) {
      String answer =
          raw(open, "POST " + path + " HTTP/1.1", "Content-Type: application/json\r\n", bomb);

      assertThat(answer)
          .as(bomb.substring(0, 8))
          .containsPattern("\"status\": ?4\\d\\d|HTTP/1.1 4");
      assertThat(answer).doesNotContain("Exception", "StackOverflow", "\"status\":202");
    }
  }

  @Test
  void floodsOfHeadersAndQuestionsAreCutOff() throws Exception {
    assertThat(raw(open, "GET /v1/edits/a?" + "a=b&".repeat(5_000) + " HTTP/1.1", "", ""))
        .startsWith("HTTP/1.1 414");
    assertThat(raw(open, "GET /live HTTP/1.1", "X: y\r\n".repeat(5_000), ""))
        .startsWith("HTTP/1.1 431");
    assertThat(raw(open, "GET /v1/edits/a HTTP/1.1", "Last-Event-ID: %s\r\n".formatted("é"), ""))
        .startsWith("HTTP/1.1 503"); // there is no sink behind this one
  }

  @Test
  void clientsThatSayNothingMoreKeepNobodyOut() throws Exception {
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 300; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), open.port());
        socket
            .getOutputStream()
            .write("POST /v1/edits HTTP/1.1\r\nHost: a\r\nCont".getBytes(UTF_8));
        silent.add(socket);
      }

      assertThat(raw(open, "GET /live HTTP/1.1", "", "")).startsWith("HTTP/1.1 200");
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  @Test
  void bodiesThatDoNotComeLeaveTheDoorOpen() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try (LoneIngest door = new LoneIngest()) {
      for (int i = 0; i < 2 * SteadyBody.MOST_WAITED_FOR; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), door.port());
        socket
            .getOutputStream()
            .write(
                "POST /v1/edits HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n{"
                    .getBytes(UTF_8));
        slow.add(socket);
      }

      String late =
          Awaitility.await()
              .ignoreExceptions()
              .until(
                  () -> raw(door, "POST /v1/edits HTTP/1.1", "Content-Length: 9\r\n", "{"),
                  a -> !a.isEmpty());
      assertThat(late).startsWith("HTTP/1.1 408");
      assertThat(
              raw(
                  door,
                  "POST /v1/manifests HTTP/1.1",
                  "Content-Type: application/jsonl\r\nContent-Length: 900\r\n",
                  LoneIngest.request("first", "") + "\n"))
          .contains("\"status\":202", "\"line\":0,\"status\":408");
      assertThat(raw(door, "GET /live HTTP/1.1", "", "")).startsWith("HTTP/1.1 200");
      assertThat(raw(door, "POST /v1/edits HTTP/1.1", "", LoneIngest.request("whole", "")))
          .startsWith("HTTP/1.1 202");
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @Test
  void largeBodiesTogetherAreBounded() {
    BodyBudget budget = new BodyBudget(100 << 20);

    Problem refused =
        budget.within(
            60 << 20,
            () -> catchThrowableOfType(Problem.class, () -> budget.within(60 << 20, () -> "in")));

    assertThat(refused.status()).isEqualTo(503);
    assertThat(budget.within(60 << 20, () -> "in")).isEqualTo("in");
  }

  /** The whole answer to a request as it is. */
  private static String raw(LoneIngest to, String line, String headers, String body)
      throws IOException {
    byte[] content = body.getBytes(ISO_8859_1);
    String length =
        headers.contains("Content-Length") ? "" : "Content-Length: " + content.length + "\r\n";
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), to.port())) {
      String head = line + "\r\nHost: a\r\nConnection: close\r\n" + headers + length + "\r\n";
      socket.getOutputStream().write(head.getBytes(ISO_8859_1));
      socket.getOutputStream().write(content);
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }
}
