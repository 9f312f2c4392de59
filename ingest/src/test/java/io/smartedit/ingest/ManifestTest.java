package io.smartedit.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.events.EditRequested;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.RegistryException;
import io.smartedit.events.SchemaRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.Schema;
import org.apache.kafka.common.errors.TimeoutException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Manifests, from clients of every temper. */
@Timeout(120)
final class ManifestTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @Test
  void aClientThatSendsAllBeforeItReadsGetsEveryVerdict() throws Exception {
    int count = 150_000;
    try (LoneIngest ingest = new LoneIngest();
        Socket socket = new Socket()) {
      socket.setReceiveBufferSize(8 << 10); // far less than the verdicts
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), ingest.port()));
      byte[] body = lines(0, count).getBytes(StandardCharsets.UTF_8);
      OutputStream out = socket.getOutputStream();
      out.write(head("HTTP/1.0", "Content-Length: " + body.length));
      out.write(body);
      out.flush();

      BufferedReader answer = reader(socket);
      skipHead(answer);

      for (int i = 0; i < count; i++) {
        JsonNode verdict = verdict(answer);
        assertThat(verdict.path("line").asInt()).isEqualTo(i + 1);
        assertThat(verdict.path("status").asInt()).isEqualTo(i % 10 == 3 ? 400 : 202);
      }
      assertThat(ingest.producer.history()).hasSize(count - count / 10);
    }
  }

  @Test
  void aClientThatWaitsForEachVerdictGetsItBeforeTheNextLine() throws Exception {
    try (LoneIngest ingest = new LoneIngest();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), ingest.port())) {
      OutputStream out = socket.getOutputStream();
      out.write(head("HTTP/1.1", "Transfer-Encoding: chunked"));
      BufferedReader answer = reader(socket);
      for (int i = 0; i < 3; i++) {
        byte[] line = (LoneIngest.request("b-" + i, "") + "\n").getBytes(StandardCharsets.UTF_8);
        out.write((Integer.toHexString(line.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(line);
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
        if (i == 0) {
          skipHead(answer);
        }
        assertThat(verdict(answer).path("requestId").asText()).isEqualTo("b-" + i);
      }
      out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();
      assertThat(answer.lines().takeWhile(line -> !line.equals("0")).filter(l -> l.startsWith("{")))
          .isEmpty();
    }
  }

  @Test
  void whatWasAcceptedBeforeAClientWentAwayStaysSoAndMayBeSentAgain() throws Exception {
    try (LoneIngest ingest = new LoneIngest()) {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), ingest.port())) {
        OutputStream out = socket.getOutputStream();
        out.write(head("HTTP/1.1", "Content-Length: 1000000"));
        out.write((lines(0, 100) + "{\"requestId\": \"half").getBytes(StandardCharsets.UTF_8));
        out.flush();
        Awaitility.await().atMost(LIMIT).until(() -> ingest.producer.history().size() == 90);
      }

      HttpResponse<String> again = post(ingest, lines(0, 200));

      assertThat(again.body().lines()).hasSize(200);
      List<String> ids =
          ingest.producer.history().stream()
              .map(record -> ((EditRequested) record.value()).getRequestId())
              .toList();
      assertThat(ids).hasSize(90 + 180).doesNotContain("half");
      assertThat(ids.stream().distinct()).hasSize(180);
    }
  }

  @Test
  void linesAreOfBoundedLengthAndBlankOnesAreNone() throws Exception {
    try (LoneIngest ingest = new LoneIngest()) {
      String body =
          "\ufeff%s\r\n\r\n  \t\n%s\n\"%s\"\n%s"
              .formatted(
                  LoneIngest.request("a", ""),
                  LoneIngest.request("b", ",\"x\": 1"),
                  "x".repeat(100_000),
                  LoneIngest.request("c", ""));

      List<String> verdicts = post(ingest, body).body().lines().toList();

      assertThat(verdicts).hasSize(4);
      assertThat(verdicts.get(0)).contains("\"line\":1", "\"status\":202", "\"requestId\":\"a\"");
      assertThat(verdicts.get(1)).contains("\"line\":4", "\"status\":400", "\"field\":\"x\"");
      assertThat(verdicts.get(2)).contains("\"line\":5", "\"status\":413");
      assertThat(verdicts.get(3)).contains("\"line\":6", "\"status\":202", "\"requestId\":\"c\"");
      assertThat(post(ingest, "").body()).isEmpty();
    }
  }

  @Test
  void onceTheBrokerIsAwayTheLinesThatFollowAreAnsweredAtOnce() throws Exception {
    try (LoneIngest ingest = new LoneIngest()) {
      ingest.producer.sendException = new TimeoutException("no broker");

      List<String> verdicts = post(ingest, lines(0, 5000)).body().lines().toList();

      assertThat(verdicts)
          .hasSize(5000)
          .allSatisfy(verdict -> assertThat(verdict).containsPattern("\"status\":(503|400)"));
    }
  }

  @Test
  void aRegistryThatIsAwayIsNoFaultOfTheLines() throws Exception {
    SchemaRegistry away =
        new SchemaRegistry() {
          @Override
          public int register(String subject, Schema schema) {
            throw new RegistryException("away", new IOException("refused"));
          }

          @Override
          public Schema byId(int id) {
            return new InMemorySchemaRegistry().byId(id);
          }
        };
    try (LoneIngest ingest = new LoneIngest(Map.of(), away)) {
      assertThat(post(ingest, lines(0, 2)).body().lines())
          .allSatisfy(verdict -> assertThat(verdict).contains("\"status\":503"));
    }
  }

  /** Every tenth is wrong. */
  private static String lines(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> i % 10 == 3 ? "{\"source\": 7}\n" : LoneIngest.request("m-" + i, "") + "\n")
        .collect(Collectors.joining());
  }

  private static HttpResponse<String> post(LoneIngest ingest, String body) throws Exception {
    HttpResponse<String> answer =
        HTTP.send(
            HttpRequest.newBuilder(ingest.uri("/v1/manifests"))
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer;
  }

  private static byte[] head(String version, String length) {
    return "POST /v1/manifests %s\r\nHost: x\r\nConnection: close\r\n%s\r\n\r\n"
        .formatted(version, length)
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(
        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
  }

  private static void skipHead(BufferedReader answer) throws IOException {
    assertThat(answer.readLine()).contains("200");
    while (!answer.readLine().isEmpty()) {}
  }

  /** The next line of JSON, past the lengths of chunks. */
  private static JsonNode verdict(BufferedReader answer) throws IOException {
    String line = answer.readLine();
    while (line != null && !line.startsWith("{")) {
      line = answer.readLine();
    }
    if (line == null) {
      throw new IOException("no verdict any more");
    }
    return JSON.readTree(line);
  }
}
