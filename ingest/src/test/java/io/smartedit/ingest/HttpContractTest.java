package io.smartedit.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.events.EditRequested;
import io.smartedit.events.InMemorySchemaRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of HTTP, whatever the operation. */
@Timeout(60)
final class HttpContractTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static LoneIngest ingest;

  @BeforeAll
  static void start() {
    ingest = new LoneIngest(Map.of("upload.max-bytes", "1000"), new InMemorySchemaRegistry());
  }

  @AfterAll
  static void stop() {
    ingest.close();
  }

  @ParameterizedTest
  @CsvSource({
    "PUT, /v1/edits, POST",
    "GET, /v1/edits, POST",
    "HEAD, /v1/edits, POST",
    "OPTIONS, /v1/edits, POST",
    "TRACE, /v1/edits, POST",
    "QUERY, /v1/edits, POST",
    "PATCH, /v1/edits/x, 'GET, HEAD, DELETE'",
    "POST, /v1/edits/x, 'GET, HEAD, DELETE'",
    "GET, /v1/edits/x/redrive, POST",
    "DELETE, /v1/manifests, POST",
    "GET, /v1/images, POST",
    "PUT, /v1/pictures, POST",
    "POST, /openapi.json, 'GET, HEAD'",
    "POST, /ready, 'GET, HEAD'"
  })
  void aMethodThatIsNotThereIsSaidSo(String method, String path, String allowed) throws Exception {
    List<String> answer = raw("%s %s HTTP/1.1".formatted(method, path));

    assertThat(answer.get(0)).contains(" 405 ");
    String allow =
        answer.stream().filter(line -> line.startsWith("Allow: ")).findFirst().orElseThrow();
    assertThat(allow.substring("Allow: ".length()).split(", "))
        .containsExactlyInAnyOrder(allowed.split(", "));
    if (!method.equals("HEAD")) {
      assertProblem(answer, 405);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/edits/%zz",
        "/v1/edits/%",
        "/v1/edits/%ff",
        "/v1/edits/%c3%28",
        "/v1/edits/x?tenant=%zz",
        "/v1/edits/x?tenant=%ff",
        "/v1/edits/x?%c3=1",
        "/v1/edits/a%2Fb",
        "/v1/edits/a%20b",
        "/v1/edits/a%00b",
        "/v1/edits/%C3%A9",
        "/v1/edits/x?tenant=",
        "/v1/edits/x?tenant=a&tenant=b",
        "/v1/edits/x?tenant=a&tenant=a",
        "/v1/edits/x?tenant=a+b"
      })
  void addressesOfTheWrongFormAreRefused(String path) throws Exception {
    for (String method : List.of("GET", "DELETE")) {
      assertProblem(raw("%s %s HTTP/1.1".formatted(method, path)), 400);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET / HTTP/9.9, 505",
    "GET /v1/edits/\\u00e9 HTTP/1.1 x, 400",
    "G@T / HTTP/1.1, 400",
    "GET /v1/nothing HTTP/1.1, 404",
    "GET /v1/edits//x HTTP/1.1, 404",
    "POST /v1/nothing HTTP/1.1, 404"
  })
  void whatIsNoProperRequestIsAnsweredWithAProblemToo(String line, int status) throws Exception {
    List<String> answer = raw(line);

    assertThat(answer.get(0)).contains(" " + status + " ");
    assertThat(String.join("\n", answer)).doesNotContain("<html", "jetty", "Jetty", "Exception");
  }

  @Test
  void problemsAreUtf8() throws Exception {
    HttpResponse<byte[]> answer =
        HTTP.send(
            HttpRequest.newBuilder(ingest.uri("/v1/edits"))
                .POST(BodyPublishers.ofString(LoneIngest.request("u", ",\"Größe\": 1")))
                .build(),
            BodyHandlers.ofByteArray());

    assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("Größe is not known");
  }

  @ParameterizedTest
  @CsvSource({
    "application/json, 202",
    "application/json; charset=utf-8, 202",
    "APPLICATION/JSON; Charset=\"UTF-8\", 202",
    "application/vnd.shop+json, 202",
    "application/x-www-form-urlencoded, 202",
    "application/json; charset=latin1, 415",
    "text/plain, 415",
    "application/xml, 415",
    "multipart/form-data; boundary=x, 415",
    "x, 415"
  })
  void onlyJsonIsTakenForJson(String type, int status) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(ingest.uri("/v1/edits"))
            .header("Content-Type", type)
            .POST(BodyPublishers.ofString(LoneIngest.request("t", "")))
            .build();

    assertThat(HTTP.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(status);
  }

  @Test
  void aBodyIsNeededAndBounded() throws Exception {
    assertThat(post("/v1/edits", new byte[0], false).statusCode()).isEqualTo(400);
    for (boolean chunked : new boolean[] {false, true}) {
      assertThat(post("/v1/edits", new byte[300_000], chunked).statusCode()).isEqualTo(413);
      assertThat(post("/v1/images", new byte[5_000_000], chunked).statusCode()).isEqualTo(413);
      assertThat(post("/v1/images", new byte[0], chunked).statusCode()).isEqualTo(415);
      assertThat(post("/v1/pictures", gif(), chunked).statusCode()).isEqualTo(201);
      assertThat(post("/v1/images?tenant=shop", gif(), chunked).body())
          .contains("s3://pictures/shop/");
    }
    HttpRequest packed =
        HttpRequest.newBuilder(ingest.uri("/v1/edits"))
            .header("Content-Encoding", "gzip")
            .POST(BodyPublishers.ofByteArray(new byte[10]))
            .build();
    assertThat(HTTP.send(packed, BodyHandlers.ofString()).statusCode()).isEqualTo(415);
  }

  @Test
  void pagesOfOtherSitesMayNotAsk() throws Exception {
    HttpRequest foreign =
        HttpRequest.newBuilder(ingest.uri("/v1/edits"))
            .header("Sec-Fetch-Site", "cross-site")
            .POST(BodyPublishers.ofString(LoneIngest.request("f", "")))
            .build();

    assertThat(HTTP.send(foreign, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
  }

  @Test
  void theTenantOfTheQueryIsThatOfARequestThatNamesNone() throws Exception {
    String own = LoneIngest.request("q-1", "");
    HttpResponse<String> answer =
        post("/v1/edits?tenant=shop", own.getBytes(StandardCharsets.UTF_8), false);

    assertThat(answer.statusCode()).isEqualTo(202);
    assertThat(answer.headers().firstValue("Location")).hasValue("/v1/edits/q-1?tenant=shop");
    assertThat(
            ingest.producer.history().stream()
                .map(record -> record.value())
                .filter(EditRequested.class::isInstance)
                .map(EditRequested.class::cast)
                .filter(request -> request.getRequestId().equals("q-1"))
                .map(EditRequested::getTenant))
        .containsExactly("shop");
  }

  @Test
  void headTellsWhatGetWould() throws Exception {
    assertThat(raw("HEAD /openapi.json HTTP/1.1").get(0)).contains(" 200 ");
    // There is no sink behind this one.
    assertThat(raw("HEAD /v1/edits/x HTTP/1.1").get(0)).contains(" 503 ");
    assertThat(raw("HEAD /v1/nothing HTTP/1.1").get(0)).contains(" 404 ");
  }

  private static byte[] gif() {
    return Arrays.copyOf("GIF89a".getBytes(StandardCharsets.US_ASCII), 100);
  }

  private static HttpResponse<String> post(String path, byte[] body, boolean chunked)
      throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(ingest.uri(path))
            .POST(
                chunked
                    ? BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body))
                    : BodyPublishers.ofByteArray(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static void assertProblem(List<String> answer, int status) throws IOException {
    assertThat(answer.get(0)).contains(" " + status + " ");
    assertThat(answer).anyMatch(line -> line.equals("Content-Type: application/problem+json"));
    JsonNode problem = JSON.readTree(answer.get(answer.size() - 1));
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("detail").asText()).isNotEmpty();
  }

  /** The lines of the answer to a request line as it is. */
  private static List<String> raw(String requestLine) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), ingest.port())) {
      String head = requestLine + "\r\nHost: x\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    }
  }
}
