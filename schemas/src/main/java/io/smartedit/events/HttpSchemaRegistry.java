package io.smartedit.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.jspecify.annotations.Nullable;

/**
 * A thin client of the Confluent Schema Registry protocol: registers schemas and fetches them by
 * id.
 *
 * <p>Answers are cached for good, for ids never change their meaning. A registry that cannot be
 * reached or answers 5xx is asked again, up to four times with growing pauses. Thread-safe.
 */
public final class HttpSchemaRegistry implements SchemaRegistry {

  private static final int ATTEMPTS = 4;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final String MEDIA_TYPE = "application/vnd.schemaregistry.v1+json";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String url;
  private final @Nullable String authorization;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final Map<Integer, Schema> byId = new ConcurrentHashMap<>();
  private final Map<String, Integer> ids = new ConcurrentHashMap<>();

  /**
   * @param url as in {@code schema.registry.url}
   * @param userInfo {@code user:password} as in {@code basic.auth.user.info}, or none
   */
  public HttpSchemaRegistry(String url, @Nullable String userInfo) {
    this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    this.authorization =
        userInfo == null
            ? null
            : "Basic "
                + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public int register(String subject, Schema schema) {
    return ids.computeIfAbsent(
        subject + " " + schema.getFullName() + " " + schema.hashCode(),
        key -> {
          String body = JSON.createObjectNode().put("schema", schema.toString()).toString();
          String path =
              "/subjects/" + URLEncoder.encode(subject, StandardCharsets.UTF_8) + "/versions";
          return call(path, HttpRequest.BodyPublishers.ofString(body)).path("id").asInt(-1);
        });
  }

  @Override
  public Schema byId(int id) {
    return byId.computeIfAbsent(
        id,
        key -> {
          String text = call("/schemas/ids/" + id, null).path("schema").asText();
          try {
            return new Schema.Parser().parse(text);
          } catch (SchemaParseException e) {
            throw new RegistryException("schema " + id + " is not Avro", true);
          }
        });
  }

  private JsonNode call(String path, HttpRequest.@Nullable BodyPublisher body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url + path))
            .timeout(TIMEOUT)
            .header("Accept", MEDIA_TYPE)
            .header("Content-Type", MEDIA_TYPE);
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    HttpRequest built = body == null ? request.GET().build() : request.POST(body).build();
    Duration pause = FIRST_PAUSE;
    for (int attempt = 1; ; attempt++) {
      try {
        HttpResponse<String> response = http.send(built, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() == 200) {
          return JSON.readTree(response.body());
        }
        if (response.statusCode() < 500 || attempt == ATTEMPTS) {
          throw new RegistryException(
              "schema registry answered " + response.statusCode() + " to " + path,
              response.statusCode() == 404);
        }
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          throw new RegistryException("schema registry at " + url + " cannot be reached", e);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RegistryException("interrupted while asking the schema registry", e);
      }
      pause = rest(pause);
    }
  }

  private static Duration rest(Duration pause) {
    try {
      Thread.sleep(pause.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RegistryException("interrupted while asking the schema registry", e);
    }
    return pause.multipliedBy(2);
  }
}
