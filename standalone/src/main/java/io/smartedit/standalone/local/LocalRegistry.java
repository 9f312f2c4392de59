package io.smartedit.standalone.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A schema registry that speaks the part of Confluent's protocol that serializers use: register,
 * look up, fetch by id, list, with backward compatibility checked. Listens on this machine only.
 */
public final class LocalRegistry implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LocalRegistry.class);
  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final int MAX_BODY = 1 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SchemaLog schemas;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newFixedThreadPool(2);

  private LocalRegistry(SchemaLog schemas, HttpServer server) {
    this.schemas = schemas;
    this.server = server;
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

  /** A refusal in the protocol's terms: HTTP status and code in one number, as 40403. */
  static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int code;

    Refusal(int code, String message) {
      super(message);
      this.code = code;
    }

    private int status() {
      return code >= 1000 ? code / 100 : code;
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    int status = 200;
    JsonNode answer;
    try {
      answer = answer(exchange);
    } catch (Refusal e) {
      status = e.status();
      answer = JSON.createObjectNode().put("error_code", e.code).put("message", e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("registry failed at {}", exchange.getRequestURI(), e);
      status = 500;
      answer = JSON.createObjectNode().put("error_code", 50001).put("message", "internal error");
    }
    byte[] bytes = JSON.writeValueAsBytes(answer);
    exchange.getResponseHeaders().set("Content-Type", MEDIA_TYPE);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private JsonNode answer(HttpExchange exchange) throws IOException {
    String[] path = exchange.getRequestURI().getRawPath().substring(1).split("/", -1);
    boolean post = exchange.getRequestMethod().equals("POST");
    if (path[0].equals("subjects")) {
      return subjects(path, post ? body(exchange) : null);
    }
    if (path[0].equals("schemas") && path.length >= 3 && path[1].equals("ids")) {
      return JSON.createObjectNode().put("schema", schemas.byId(number(path[2])).schema());
    }
    if (path[0].equals("config")) {
      return JSON.createObjectNode().put("compatibilityLevel", "BACKWARD");
    }
    if (path[0].isEmpty()) {
      return JSON.createObjectNode();
    }
    throw new Refusal(404, "HTTP 404 Not Found");
  }

  private JsonNode subjects(String[] path, @Nullable JsonNode body) {
    if (path.length == 1) {
      ArrayNode names = JSON.createArrayNode();
      schemas.subjects().forEach(names::add);
      return names;
    }
    String subject = URLDecoder.decode(path[1], StandardCharsets.UTF_8);
    if (body != null && path.length == 3 && path[2].equals("versions")) {
      return JSON.createObjectNode().put("id", schemas.register(subject, text(body)).id());
    }
    if (body != null && path.length == 2) {
      return described(schemas.find(subject, text(body)));
    }
    if (path.length == 3 && path[2].equals("versions")) {
      ArrayNode versions = JSON.createArrayNode();
      schemas.versions(subject).forEach(entry -> versions.add(entry.version()));
      return versions;
    }
    if (path.length == 4 && path[2].equals("versions")) {
      int version = path[3].equals("latest") ? -1 : number(path[3]);
      return described(schemas.version(subject, version));
    }
    throw new Refusal(404, "HTTP 404 Not Found");
  }

  private static JsonNode described(SchemaLog.Entry entry) {
    return JSON.createObjectNode()
        .put("subject", entry.subject())
        .put("version", entry.version())
        .put("id", entry.id())
        .put("schema", entry.schema());
  }

  private static JsonNode body(HttpExchange exchange) throws IOException {
    byte[] bytes = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
    if (bytes.length > MAX_BODY) {
      throw new Refusal(413, "body is larger than " + MAX_BODY + " bytes");
    }
    try {
      return JSON.readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new Refusal(42201, "body is not JSON");
    }
  }

  private static String text(JsonNode body) {
    if (!body.path("schema").isTextual()) {
      throw new Refusal(42201, "body has no schema");
    }
    return body.path("schema").asText();
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new Refusal(404, "HTTP 404 Not Found");
    }
  }
}
