package io.smartedit.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.smartedit.events.BatchAction;
import io.smartedit.events.BatchCommand;
import io.smartedit.events.EditRequested;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Batches at the front door, before there is a sink. */
@Timeout(60)
final class BatchTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String LINE =
      "{\"source\": \"" + LoneIngest.SOURCE + "\", \"instruction\": \"remove the cat\"}\n";

  @Test
  void toSendABatchAgainIsToSendTheSameRequests() throws Exception {
    try (LoneIngest ingest = new LoneIngest()) {
      String body = LINE + "\n{\"source\": 7}\n" + LoneIngest.request("own", "") + "\n" + LINE;
      JsonNode end = end(send(ingest, "PUT", "/v1/batches/b", body));
      List<EditRequested> first = requests(ingest);
      send(ingest, "PUT", "/v1/batches/b", body);

      assertThat(first)
          .extracting(EditRequested::getRequestId)
          .containsExactly("b.1", "own", "b.5");
      assertThat(first).extracting(EditRequested::getBatchLine).containsExactly(1L, 4L, 5L);
      assertThat(first).allMatch(request -> "b".equals(request.getBatch()));
      assertThat(requests(ingest).subList(3, 6))
          .extracting(EditRequested::getRequestId)
          .containsExactly("b.1", "own", "b.5");
      assertThat(end.path("batch").asText()).isEqualTo("b");
      assertThat(end.path("status").asInt()).isEqualTo(202);
      assertThat(end.path("accepted").asInt()).isEqualTo(3);
      assertThat(end.path("refused").asInt()).isEqualTo(1);
      assertThat(commands(ingest))
          .hasSize(2)
          .allSatisfy(
              command -> {
                assertThat(command.getAction()).isEqualTo(BatchAction.SEAL);
                assertThat(command.getAccepted()).isEqualTo(3);
                assertThat(command.getRefused()).isEqualTo(1);
              });
    }
  }

  @Test
  void idsThatWouldBeTooLongAreMadeOfABatchAllTheSame() throws Exception {
    try (LoneIngest ingest = new LoneIngest()) {
      String batch = "/v1/batches/" + "b".repeat(64);
      send(ingest, "PUT", batch, LINE);
      send(ingest, "PUT", batch, LINE);

      assertThat(requests(ingest).stream().map(EditRequested::getRequestId).distinct())
          .singleElement()
          .matches(RequestRules::isName);
    }
  }

  @Test
  void aBatchIsNamedWhereItsClientNamesNone() throws Exception {
    try (LoneIngest ingest = new LoneIngest()) {
      HttpResponse<String> answer = send(ingest, "POST", "/v1/batches?tenant=shop", LINE);

      String id = end(answer).path("batch").asText();
      assertThat(answer.headers().firstValue("Location"))
          .hasValue("/v1/batches/" + id + "?tenant=shop");
      assertThat(requests(ingest)).singleElement().matches(r -> r.getTenant().equals("shop"));
      assertThat(requests(ingest)).singleElement().matches(r -> id.equals(r.getBatch()));
    }
  }

  @Test
  void aLineOfAnotherTenantIsRefused() throws Exception {
    try (LoneIngest ingest = new LoneIngest()) {
      HttpResponse<String> answer =
          send(ingest, "PUT", "/v1/batches/b", LoneIngest.request("a", ",\"tenant\": \"other\""));

      assertThat(answer.body()).contains("tenant is other; the batch is default's");
      assertThat(end(answer).path("refused").asInt()).isEqualTo(1);
    }
  }

  @Test
  void aBatchOfWhichLinesWerePutOffIsNotSealed() throws Exception {
    try (LoneIngest ingest = new LoneIngest()) {
      ingest.producer.sendException = new TimeoutException("no broker");

      JsonNode end = end(send(ingest, "PUT", "/v1/batches/b", LINE + LINE));

      assertThat(end.path("status").asInt()).isEqualTo(503);
      assertThat(end.path("problem").path("detail").asText()).contains("2 lines were put off");
      ingest.producer.sendException = null;
      assertThat(commands(ingest)).isEmpty();
    }
  }

  @Test
  void aLimitOfEditsAMinuteSlowsABatchDownAndRefusesNothing(@TempDir Path folder) throws Exception {
    Path keys = folder.resolve("keys");
    String secret = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
    Files.writeString(keys, secret + " shop 60");
    try (LoneIngest ingest =
        new LoneIngest(Map.of("keys.file", keys.toString()), new InMemorySchemaRegistry())) {
      String line = LINE.replace("pictures/", "pictures/shop/");

      JsonNode end = end(send(ingest, "PUT", "/v1/batches/b", line.repeat(61)));

      assertThat(end.path("accepted").asInt()).isEqualTo(61);
      assertThat(end.path("status").asInt()).isEqualTo(202);
    }
  }

  @Test
  void whatIsAskedOfABatchIsOnTheBroker() throws Exception {
    try (LoneIngest ingest = new LoneIngest()) {
      assertThat(send(ingest, "POST", "/v1/batches/b/pause", "").statusCode()).isEqualTo(202);
      assertThat(send(ingest, "POST", "/v1/batches/b/resume", "").statusCode()).isEqualTo(202);
      assertThat(send(ingest, "DELETE", "/v1/batches/b?tenant=shop", "").statusCode())
          .isEqualTo(202);

      assertThat(commands(ingest))
          .extracting(BatchCommand::getAction)
          .containsExactly(BatchAction.PAUSE, BatchAction.RESUME, BatchAction.CANCEL);
      assertThat(ingest.producer.history())
          .allMatch(record -> record.topic().equals(Topics.BATCH_COMMANDS))
          .last()
          .matches(record -> record.key().equals("shop/b"));
    }
  }

  @Test
  void resultsAreReadPageByPageAndBreakOffWhereTheyCannotBeEnded() throws Exception {
    HttpServer sink =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    boolean[] away = {false};
    sink.createContext(
        "/",
        exchange -> {
          String query = String.valueOf(exchange.getRequestURI().getQuery());
          boolean fails = away[0] && query.endsWith("after=1");
          String body =
              query.endsWith("after=0")
                  ? "{\"line\":1}\n"
                  : query.endsWith("after=1") ? "{\"line\":2}\n" : "";
          byte[] bytes = fails ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Retry-After", "1");
          exchange.sendResponseHeaders(fails ? 503 : 200, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    sink.start();
    String url = "http://127.0.0.1:" + sink.getAddress().getPort();
    try (LoneIngest ingest =
        new LoneIngest(Map.of("status.url", url), new InMemorySchemaRegistry())) {
      assertThat(send(ingest, "GET", "/v1/batches/b/results", "").body())
          .isEqualTo("{\"line\":1}\n{\"line\":2}\n");

      away[0] = true;
      assertThatThrownBy(() -> send(ingest, "GET", "/v1/batches/b/results", ""))
          .isInstanceOf(IOException.class);
    } finally {
      sink.stop(0);
    }
  }

  private static List<EditRequested> requests(LoneIngest ingest) {
    return sent(ingest, EditRequested.class);
  }

  private static List<BatchCommand> commands(LoneIngest ingest) {
    return sent(ingest, BatchCommand.class);
  }

  private static <T> List<T> sent(LoneIngest ingest, Class<T> type) {
    return ingest.producer.history().stream()
        .map(record -> record.value())
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  /** The last line of an answer. */
  private static JsonNode end(HttpResponse<String> answer) throws Exception {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    List<String> lines = answer.body().lines().toList();
    return JSON.readTree(lines.get(lines.size() - 1));
  }

  private static HttpResponse<String> send(
      LoneIngest ingest, String method, String path, String body) throws Exception {
    return HTTP.send(
        HttpRequest.newBuilder(ingest.uri(path))
            .header("Authorization", "Bearer secret")
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }
}
