package io.smartedit.store;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server that answers as a store in trouble does, and remembers what it was asked. */
final class FaultyStore implements AutoCloseable {

  private final HttpServer server;
  private final List<String> asked = new CopyOnWriteArrayList<>();

  /** What it answers to a request. */
  interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  FaultyStore(Answer answer) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

  /** Answers every request with S3's XML, which a HEAD's answer has no room for. */
  static Answer error(int status, String code, String message) {
    String xml =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>"
            + code
            + "</Code><Message>"
            + message
            + "</Message><RequestId>1</RequestId></Error>";
    return exchange -> send(exchange, status, "application/xml", xml);
  }

  static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  List<String> asked() {
    return asked;
  }

  S3ObjectStore client() {
    return new S3ObjectStore(
        "http://127.0.0.1:" + server.getAddress().getPort(),
        "key",
        "secret",
        Duration.ofSeconds(5));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
