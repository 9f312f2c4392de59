package io.smartedit.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.smartedit.events.RegistryException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the client makes of whatever a registry answers. */
final class HttpSchemaRegistryTest {

  private static final Schema SCHEMA =
      SchemaBuilder.record("A").fields().requiredInt("x").endRecord();

  private final List<String> asked = new CopyOnWriteArrayList<>();
  private Answer answer = exchange -> send(exchange, 500, "{}");
  private HttpServer server;

  private interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
            exchange.getRequestBody().readAllBytes();
            answer.to(exchange);
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @ParameterizedTest
  @CsvSource({
    "404, 40403, UNKNOWN_SCHEMA, MISCONFIGURED",
    "404, 40401, UNKNOWN_SCHEMA, MISCONFIGURED",
    "404, 404,   MISCONFIGURED,  MISCONFIGURED",
    "404, 0,     MISCONFIGURED,  MISCONFIGURED",
    "401, 40101, MISCONFIGURED,  MISCONFIGURED",
    "403, 40301, MISCONFIGURED,  MISCONFIGURED",
    "409, 409,   MISCONFIGURED,  MISCONFIGURED",
    "422, 42201, UNKNOWN_SCHEMA, MISCONFIGURED",
    "422, 42205, MISCONFIGURED,  MISCONFIGURED",
    "302, 0,     MISCONFIGURED,  MISCONFIGURED",
    "400, 0,     MISCONFIGURED,  MISCONFIGURED",
    "200, 0,     MISCONFIGURED,  MISCONFIGURED",
    "429, 0,     UNAVAILABLE,    UNAVAILABLE",
    "500, 50001, UNAVAILABLE,    UNAVAILABLE",
    "500, 50003, UNAVAILABLE,    UNAVAILABLE",
    "503, 0,     UNAVAILABLE,    UNAVAILABLE",
  })
  void whoCanActFollowsFromTheAnswer(int status, int code, Kind lookUp, Kind registration) {
    answer = exchange -> send(exchange, status, "{\"error_code\":" + code + "}");
    HttpSchemaRegistry registry = registry(true);

    assertThat(failure(() -> registry.byId(7)).kind()).isEqualTo(lookUp);
    assertThat(failure(() -> registry.register("a-value", SCHEMA)).kind()).isEqualTo(registration);
  }

  @Test
  void aPageOfAnotherServerIsNoRegistry() {
    answer = exchange -> send(exchange, 200, "<html>welcome</html>");

    assertThat(failure(() -> registry(true).byId(7)).kind()).isEqualTo(Kind.MISCONFIGURED);
  }

  @Test
  void aRegistryWithoutCodesIsKnownByItsTypes() {
    answer =
        exchange -> {
          boolean types = exchange.getRequestURI().getPath().equals("/schemas/types");
          send(exchange, types ? 200 : 404, types ? "[\"AVRO\"]" : "{\"error_code\":404}");
        };

    assertThat(failure(() -> registry(true).byId(7)).kind()).isEqualTo(Kind.UNKNOWN_SCHEMA);
  }

  @Test
  void anAnswerWithoutEndIsGivenUp() {
    answer = exchange -> send(exchange, 200, "x".repeat(9 << 20));

    assertThat(failure(() -> registry(true).byId(7)).kind()).isEqualTo(Kind.UNAVAILABLE);
  }

  @Test
  void theNextAddressIsAskedWhereOneIsGone() {
    answer = exchange -> send(exchange, 200, "{\"id\":3}");
    HttpSchemaRegistry registry =
        new HttpSchemaRegistry("http://127.0.0.1:9, " + url() + "/", null, true);

    assertThat(registry.register("a value", SCHEMA)).isEqualTo(3);
    assertThat(registry.register("a value", SCHEMA)).isEqualTo(3);
    assertThat(asked).containsExactly("POST /subjects/a%20value/versions");
  }

  @Test
  void withoutTheRightToRegisterTheSchemaIsLookedUp() {
    answer = exchange -> send(exchange, 200, "{\"subject\":\"a-value\",\"version\":1,\"id\":3}");

    assertThat(registry(false).register("a-value", SCHEMA)).isEqualTo(3);
    assertThat(asked).containsExactly("POST /subjects/a-value");
  }

  @Test
  void whatASchemaRefersToIsFetched() {
    answer =
        exchange -> {
          switch (exchange.getRequestURI().getPath()) {
            case "/schemas/ids/7" ->
                send(
                    exchange,
                    200,
                    "{\"schema\":\"{\\\"type\\\":\\\"array\\\",\\\"items\\\":\\\"b.B\\\"}\","
                        + "\"references\":[{\"name\":\"b.B\",\"subject\":\"b\",\"version\":2}]}");
            case "/subjects/b/versions/2" ->
                send(
                    exchange,
                    200,
                    "{\"schema\":\"{\\\"type\\\":\\\"fixed\\\",\\\"name\\\":\\\"b.B\\\",\\\"size\\\":2}\"}");
            default -> send(exchange, 404, "{\"error_code\":40403}");
          }
        };

    Schema schema = registry(true).byId(7);

    assertThat(schema.getElementType().getFullName()).isEqualTo("b.B");
    assertThat(schema.getElementType().getFixedSize()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"A\\\",\\\"fields\\\":[{\\\"name\\\":\\\"x\\\",\\\"type\\\":\\\"int\\\",\\\"default\\\":\\\"one\\\"}]}",
        "{\\\"type\\\":\\\"record\\\",\\\"name\\\":\\\"A-b\\\",\\\"fields\\\":[{\\\"name\\\":\\\"x y\\\",\\\"type\\\":\\\"int\\\"}]}",
        "\\\"string\\\"",
      })
  void whatAWriterDefaultsToAndCallsItselfIsTheWriters(String text) {
    answer = exchange -> send(exchange, 200, "{\"schema\":\"" + text + "\"}");

    assertThat(registry(true).byId(7)).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({"syntax = proto3", "{}", "{\\\"type\\\":\\\"Nobody\\\"}", "''"})
  void whatIsNoAvroIsTheRecordsFault(String text) {
    answer = exchange -> send(exchange, 200, "{\"schema\":\"" + text + "\"}");

    assertThat(failure(() -> registry(true).byId(7)).kind()).isEqualTo(Kind.UNKNOWN_SCHEMA);
  }

  private HttpSchemaRegistry registry(boolean registers) {
    return new HttpSchemaRegistry(url(), null, registers);
  }

  private String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private static RegistryException failure(Runnable action) {
    RegistryException failure = catchThrowableOfType(RegistryException.class, action::run);
    assertThat(failure).isNotNull();
    return failure;
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
