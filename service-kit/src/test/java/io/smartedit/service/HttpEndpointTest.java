package io.smartedit.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpEndpointTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final AtomicReference<List<String>> missing = new AtomicReference<>(List.of());
  private final HttpEndpoint endpoint = new HttpEndpoint(100, missing::get);
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeEach
  void start() {
    endpoint
        .routes()
        .get(
            "/fails",
            context -> {
              throw new IllegalStateException("a secret");
            })
        .get("/overflows", context -> context.result(Integer.toString(deeper(1))))
        .get(
            "/refuses",
            context -> {
              throw Problem.of("name", "name is 'M\u00fcller \u732b'");
            })
        .post("/takes", context -> context.result(context.body()));
    endpoint.start("127.0.0.1", 0);
  }

  @AfterEach
  void close() {
    endpoint.close();
  }

  @SuppressWarnings("InfiniteRecursion") // that is the fault which is tried
  private static int deeper(int depth) {
    return deeper(depth + 1) + 1;
  }

  @Test
  void anUnknownPathIsAProblem() throws Exception {
    assertProblem(send("GET", "/nowhere", ""), 404);
  }

  @Test
  void anotherMethodIsAProblemThatNamesThoseThereAre() throws Exception {
    HttpResponse<byte[]> response = send("DELETE", "/takes", "");

    assertProblem(response, 405);
    assertThat(response.headers().firstValue("Allow")).hasValue("POST");
    assertThat(send("POST", "/live", "").headers().firstValue("Allow")).hasValue("GET, HEAD");
    assertProblem(send("BREW", "/takes", ""), 405);
  }

  @Test
  void problemsAreUtf8() throws Exception {
    assertThat(assertProblem(send("GET", "/refuses", ""), 400).path("detail").asText())
        .isEqualTo("name is 'M\u00fcller \u732b'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/fails", "/overflows"})
  void whatNobodyForesawSaysNothingOfTheInside(String path) throws Exception {
    HttpResponse<byte[]> response = send("GET", path, "");

    assertProblem(response, 500);
    assertThat(new String(response.body(), StandardCharsets.UTF_8))
        .doesNotContain("secret", "io.smartedit", "Exception");
  }

  @Test
  void aBodyThatIsTooLargeIsAProblem() throws Exception {
    assertProblem(send("POST", "/takes", "x".repeat(101)), 413);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /%zz HTTP/1.1\r\nHost: a\r\n",
        "GET /a%2fb HTTP/1.1\r\nHost: a\r\n",
        "GET /a%00b HTTP/1.1\r\nHost: a\r\n",
        "GET /a;b/../c HTTP/1.1\r\nHost: a\r\n",
        "GET /live HTTP/1.1\r\n",
        "GET /live HTTP/1.1\r\nHost: a\r\nHost: b\r\n",
        "GET /live HTTP/1.1\r\nHost: a\r\nno colon\r\n",
        "POST /takes HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n",
        "POST /takes HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n",
        "POST /takes HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      })
  void whatIsNoProperHttpIsAProblem(String request) throws Exception {
    String answer = raw(request + "Connection: close\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 4").contains("application/problem+json", "\"status\"");
  }

  @ParameterizedTest
  @CsvSource({
    "'GET /live\r\n\r\n', 505, send the request as HTTP/1.1",
    "'GET /live HTTP/0.9\r\n\r\n', 505, send the request as HTTP/1.1",
    "'GET /live HTTP/3.0\r\nHost: a\r\n\r\n', 505, send the request as HTTP/1.1",
    "'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 426, send the request as HTTP/1.1",
    "'GET /live/..%2fx HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 404, There is nothing at",
    "'hello\r\n\r\n', 400, first a line as GET /live HTTP/1.1",
    "'\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n\r\n', 400, no TLS",
    "'\u0000\u0001\u0002\u0003\r\n\r\n', 400, first a line as GET /live HTTP/1.1"
  })
  void whatIsNotOurHttpIsToldWhatToDo(String request, int status, String what) throws Exception {
    String answer = raw(request);

    assertThat(answer).startsWith("HTTP/1.1 " + status).contains(what).doesNotContain("log has");
  }

  @Test
  void anAddressWithoutEndIsAProblem() throws Exception {
    String answer = raw("GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: a\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 414").contains("longer than what is read");
  }

  @Test
  void headersWithoutEndAreAProblem() throws Exception {
    String answer = raw("GET /live HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(20_000) + "\r\n\r\n");

    assertThat(answer).startsWith("HTTP/1.1 431").contains("application/problem+json");
  }

  @Test
  void readinessSaysWhatIsMissing() throws Exception {
    assertThat(send("GET", "/ready", "").statusCode()).isEqualTo(200);

    missing.set(List.of("the registry is away"));

    HttpResponse<byte[]> response = send("GET", "/ready", "");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(JSON.readTree(response.body()).path("reasons").path(0).asText())
        .isEqualTo("the registry is away");
  }

  @Test
  void closingRunsWhatWasAskedForWhileTheServerStillAnswers() {
    AtomicBoolean answered = new AtomicBoolean();
    HttpEndpoint other = new HttpEndpoint(1, () -> true).start("127.0.0.1", 0);
    other.onClose(() -> answered.set(isLive(other.port())));

    other.close();

    assertThat(answered).isTrue();
  }

  private boolean isLive(int port) {
    try {
      URI live = URI.create("http://127.0.0.1:" + port + "/live");
      HttpRequest request = HttpRequest.newBuilder(live).build();
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode assertProblem(HttpResponse<byte[]> response, int status)
      throws IOException {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonNode problem = JSON.readTree(response.body());
    assertThat(problem.path("status").asInt()).isEqualTo(status);
    assertThat(problem.path("title").asText()).isNotBlank();
    assertThat(problem.path("detail").asText()).isNotBlank();
    return problem;
  }

  private HttpResponse<byte[]> send(String method, String path, String body) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofByteArray());
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.port())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
