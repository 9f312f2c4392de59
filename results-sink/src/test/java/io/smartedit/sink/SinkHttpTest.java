package io.smartedit.sink;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.service.HttpEndpoint;
import io.smartedit.service.Pauses;
import io.smartedit.service.WorkerDirectory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is asked of the sink's HTTP side in the wrong form, while its stream has not begun. */
final class SinkHttpTest {

  private static final HttpEndpoint ENDPOINT = new HttpEndpoint(1024, () -> true);

  @BeforeAll
  static void start() {
    Instances instances = new Instances(4);
    InMemorySchemaRegistry registry = new InMemorySchemaRegistry();
    WorkerDirectory workers = new WorkerDirectory(registry, Clock.systemUTC());
    new StatusApi(instances, workers, new Pauses(registry), status -> Optional.empty())
        .addTo(ENDPOINT);
    new BatchApi(instances).addTo(ENDPOINT);
    new HeldApi(instances).addTo(ENDPOINT);
    ENDPOINT.start("127.0.0.1", 0);
  }

  @AfterAll
  static void stop() {
    ENDPOINT.close();
  }

  private static Stream<String> routes() {
    return Stream.of(
        "/v1/edits/%s",
        "/v1/edits/%s/failed.avro", "/v1/batches/%s", "/v1/batches/%s/lines", "/v1/reviews/%s");
  }

  @ParameterizedTest
  @MethodSource("routes")
  void anIdOrATenantThatIsNoneIsRefused(String route) throws IOException {
    for (String id : List.of("..%2fa", "%2e%2e", "a%00", "%ff", "-a", "a%0d%0ab", "x".repeat(65))) {
      assertThat(get(route.formatted(id))).as(id).startsWith("HTTP/1.1 400");
    }
    for (String tenant : List.of("", "a%2fb", "..", "%ff", "a&tenant=b", "x".repeat(65))) {
      assertThat(get(route.formatted("a") + "?tenant=" + tenant))
          .as(tenant)
          .startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void placesInAListAreNamesOrNumbers() throws IOException {
    for (String after : List.of("-1", "x", "1e3", "99999999999999999999")) {
      assertThat(get("/v1/batches/b/lines?after=" + after)).as(after).startsWith("HTTP/1.1 400");
    }
    for (String after : List.of("", "x", "a/b/c", "../b", "a/%00", "%ff/a")) {
      assertThat(get("/v1/reviews?after=" + after)).as(after).startsWith("HTTP/1.1 400");
    }
  }

  @ParameterizedTest
  @MethodSource("routes")
  void whileTheStreamHasNotBegunItSaysWhenToAskAgain(String route) throws IOException {
    assertThat(get(route.formatted("a")))
        .startsWith("HTTP/1.1 503")
        .contains("Retry-After: 2")
        .doesNotContain("Exception");
    assertThat(get("/v1/reviews")).startsWith("HTTP/1.1 503");
  }

  private static String get(String path) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), ENDPOINT.port())) {
      String head = "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), UTF_8);
    }
  }
}
