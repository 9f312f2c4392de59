package io.smartedit.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client against an HTTP server that says what it is told to. */
@Timeout(60)
final class SmartEditClientTest {

  /** What is answered, one after another. */
  private final Deque<Canned> answers = new ArrayDeque<>();

  private final List<String> asked = new ArrayList<>();
  private HttpServer server;
  private SmartEditClient client;

  private record Canned(int status, String body, String retryAfter) {}

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
    client =
        new SmartEditClient(
            URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
            SmartEditClient.Options.DEFAULT
                .withApiKey("secret")
                .withTenant("shop")
                .withPatience(Duration.ofSeconds(10)));
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void whatIsRefusedForNowIsAskedAgainUnderTheSameId() throws Exception {
    will(429, "{}", "1");
    will(503, "{}", "0");
    will(202, "{\"requestId\":\"r\"}", "");

    assertThat(client.submit(Edit.of("s3://a/b.png", "go")).get()).isEqualTo("r");

    assertThat(asked).hasSize(3);
    assertThat(asked.stream().distinct()).hasSize(1);
    assertThat(asked.get(0)).contains("POST /v1/edits?tenant=shop Bearer secret", "requestId");
  }

  @Test
  void whatIsRefusedForGoodIsNotAskedAgain() {
    will(400, "{\"detail\":\"steps is 0\"}", "");

    assertThatThrownBy(() -> client.submit(Edit.of("s3://a/b.png", "go").with("steps", 0)).get())
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(RefusedException.class, e -> assertThat(e.status()).isEqualTo(400))
        .hasMessage("steps is 0");
    assertThat(asked).singleElement().asString().contains("\"options\":{\"steps\":0}");
  }

  @Test
  void patienceHasAnEnd() {
    will(503, "{\"detail\":\"away\"}", "60");

    assertThatThrownBy(() -> client.status("r").get()).hasMessageContaining("away");
    assertThat(asked).hasSize(1);
  }

  @Test
  void eventsThatBreakOffAreFollowedAgainUntilTheEnd() throws Exception {
    List<Progress> heard = new ArrayList<>();
    will(
        200,
        """
        event: status
        data: {"state":"REQUESTED"}

        event: progress
        data: {"step":1,"steps":2}

        """,
        "");
    will(200, ": follows\n\nevent: completed\ndata: {\"output\":\"s3://edited/a.png\"}\n\n", "");

    Edited end = client.await("r", heard::add).get();

    assertThat(end).isEqualTo(new Edited("r", "s3://edited/a.png"));
    assertThat(heard).containsExactly(new Progress("r", 1, 2));
  }

  @Test
  void anEditThatFailsIsAFailure() {
    will(
        200,
        """
        event: status
        data: {"state":"FAILED","failure":{"status":"REJECTED","kind":"REJECTED","message":"no such key"}}

        """,
        "");

    assertThatThrownBy(() -> client.await("r", step -> {}).get())
        .cause()
        .isInstanceOfSatisfying(
            EditFailedException.class, e -> assertThat(e.status()).isEqualTo("REJECTED"))
        .hasMessageContaining("no such key");
  }

  @Test
  void aBatchOfWhichLinesWerePutOffIsSubmittedAgain() throws Exception {
    will(
        200,
        """
        {"line":1,"status":202,"requestId":"b.1"}
        {"batch":"b","status":503,"problem":{"detail":"put off"}}
        """,
        "");
    will(
        200,
        """
        {"line":2,"status":400,"problem":{"detail":"bad"}}
        {"batch":"b","status":202,"accepted":1,"refused":1}
        """,
        "");

    Submission all =
        client
            .submitBatch("b", () -> Stream.of("x", "y").map(i -> Edit.of("s3://a/" + i, "go")))
            .get();

    assertThat(all.accepted()).isEqualTo(1);
    assertThat(all.refused()).containsExactly(new Submission.Refusal(2, "bad"));
    assertThat(asked).hasSize(2).allMatch(call -> call.lines().count() == 3);
  }

  @Test
  void linesAreWrittenAsTheyAreRead() throws IOException {
    try (JsonLines lines =
        new JsonLines(IntStream.range(0, 1000).mapToObj(i -> Edit.of("s3://a/" + i, "go")))) {
      String all = new String(lines.readAllBytes(), StandardCharsets.UTF_8);

      assertThat(all.lines()).hasSize(1000);
      assertThat(Transport.read(all.lines().toList().get(999)).path("source").asText())
          .isEqualTo("s3://a/999");
    }
  }

  private void will(int status, String body, String retryAfter) {
    answers.add(new Canned(status, body, retryAfter));
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    asked.add(
        "%s %s %s\n%s"
            .formatted(
                exchange.getRequestMethod(),
                exchange.getRequestURI(),
                exchange.getRequestHeaders().getFirst("Authorization"),
                body));
    Canned canned = answers.remove();
    if (!canned.retryAfter().isEmpty()) {
      exchange.getResponseHeaders().add("Retry-After", canned.retryAfter());
    }
    byte[] bytes = canned.body().getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(canned.status(), bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
