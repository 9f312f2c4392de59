package io.smartedit.standalone.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A schema registry that speaks Confluent's protocol for Avro: subjects, versions, references,
 * compatibility and deletion, with its error codes. Listens on this machine only.
 */
public final class LocalRegistry implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LocalRegistry.class);
  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final int MAX_BODY = 1 << 20;
  private static final int TOO_LARGE = 413;
  private static final int MAX_DISCARDED = 16 << 20;
  private static final int THREADS = 4;
  private static final int STORE_FAILED = 50001;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SchemaLog schemas;
  private final RegistryApi api;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

  private LocalRegistry(SchemaLog schemas, HttpServer server) {
    this.schemas = schemas;
    this.server = server;
    api = new RegistryApi(schemas);
  }

  /** Starts over the schemas that the broker's topic holds. */
  public static LocalRegistry start(String bootstrap, int port) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    LocalRegistry registry = new LocalRegistry(new SchemaLog(new SchemaTopic(bootstrap)), server);
    server.createContext("/", registry::handle);
    server.setExecutor(registry.threads);
    server.start();
    return registry;
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    schemas.close();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      try {
        send(exchange, 200, api.answer(request(exchange)));
      } catch (RegistryRefusal e) {
        send(exchange, e.status(), error(e.code(), e.getMessage()));
      } catch (RuntimeException | StackOverflowError e) {
        LOG.error("registry failed at {}", exchange.getRequestURI(), e);
        send(exchange, 500, error(STORE_FAILED, "Error in the backend data store"));
      }
    }
  }

  private static JsonNode error(int code, @Nullable String message) {
    return JSON.createObjectNode().put("error_code", code).put("message", message);
  }

  private static void send(HttpExchange exchange, int status, JsonNode answer) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(answer);
    exchange.getResponseHeaders().set("Content-Type", MEDIA_TYPE);
    if (status == TOO_LARGE) {
      exchange.getResponseHeaders().set("Connection", "close"); // the rest of it is not read
    }
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static RegistryApi.Request request(HttpExchange exchange) throws IOException {
    URI uri = exchange.getRequestURI();
    String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceFirst("^/", "");
    List<String> parts = Arrays.stream(path.split("/", -1)).map(LocalRegistry::decoded).toList();
    byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
    if (body.length > MAX_BODY) {
      // A client that is not heard to its end loses the answer; one without end is cut off.
      exchange.getRequestBody().readNBytes(MAX_DISCARDED);
      throw RegistryRefusal.http(TOO_LARGE, "Request Entity Too Large");
    }
    return new RegistryApi.Request(
        exchange.getRequestMethod(),
        parts,
        query(uri.getRawQuery()),
        new String(body, StandardCharsets.UTF_8));
  }

  private static Map<String, String> query(@Nullable String raw) {
    Map<String, String> query = new HashMap<>();
    for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
      String[] parts = pair.split("=", 2);
      query.put(decoded(parts[0]), parts.length == 2 ? decoded(parts[1]) : "true");
    }
    return query;
  }

  /** A plus is a plus. */
  private static String decoded(String part) {
    try {
      return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      RegistryRefusal refusal = RegistryRefusal.http(400, "Bad Request");
      refusal.initCause(e);
      throw refusal;
    }
  }
}
