package io.smartedit.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.smartedit.events.RegistryClient.Answer;
import io.smartedit.events.RegistryException.Kind;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A client of the Confluent Schema Registry protocol: registers schemas, or finds those that are
 * registered, and fetches them by id, with the schemas they refer to.
 *
 * <p>The last thousand answers are kept, for ids never change their meaning. Thread-safe.
 */
public final class HttpSchemaRegistry implements SchemaRegistry {

  private static final int KEPT = 1000;
  private static final int MOST_REFERENCES = 100;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final RegistryClient client;
  private final boolean registers;
  private final Cache<Integer, Schema> byId = Caffeine.newBuilder().maximumSize(KEPT).build();
  private final Cache<Registration, Integer> ids = Caffeine.newBuilder().maximumSize(KEPT).build();

  private record Registration(String subject, Schema schema) {}

  /**
   * A client that registers what is new.
   *
   * @param urls one address or several, separated by commas, as in {@code schema.registry.url}
   * @param userInfo {@code user:password} as in {@code basic.auth.user.info}, or none
   */
  public HttpSchemaRegistry(String urls, @Nullable String userInfo) {
    this(urls, userInfo, true);
  }

  /**
   * @param registers whether new schemas are registered, or somebody else has to, as in {@code
   *     auto.register.schemas}
   */
  public HttpSchemaRegistry(String urls, @Nullable String userInfo, boolean registers) {
    List<String> addresses =
        Arrays.stream(urls.split(","))
            .map(url -> url.strip().replaceFirst("/+$", ""))
            .filter(url -> !url.isEmpty())
            .toList();
    if (addresses.isEmpty()) {
      throw new IllegalArgumentException("the schema registry has no address");
    }
    client = new RegistryClient(addresses, userInfo);
    this.registers = registers;
  }

  @Override
  public int register(String subject, Schema schema) {
    return ids.get(new Registration(subject, schema), this::register);
  }

  private int register(Registration wanted) {
    ObjectNode body = JSON.createObjectNode().put("schema", wanted.schema().toString());
    String path = "/subjects/" + encoded(wanted.subject()) + (registers ? "/versions" : "");
    Answer answer = client.post(path, body);
    if (answer.isDone() && answer.json().path("id").isInt()) {
      return answer.json().path("id").asInt();
    }
    String refused =
        registers ? "the registry does not take the schema of " : "nobody has registered ours as ";
    throw new RegistryException(
        RegistryErrors.ofRegistration(answer.status()),
        refused + wanted.subject() + ": " + answer.says());
  }

  @Override
  public Schema byId(int id) {
    return byId.get(id, this::fetch);
  }

  private Schema fetch(int id) {
    JsonNode found = lookUp("schema " + id, "/schemas/ids/" + id);
    try {
      // What a writer's schema is called and defaults to is the writer's business.
      Schema.Parser parser =
          new Schema.Parser(NameValidator.NO_VALIDATION).setValidateDefaults(false);
      addReferences(found, parser, new HashSet<>());
      return parser.parse(found.path("schema").asText());
    } catch (AvroRuntimeException e) {
      throw new RegistryException(
          Kind.UNKNOWN_SCHEMA, "schema " + id + " is not Avro that can be read", e);
    }
  }

  /** Those that a schema refers to come first, each once. */
  private void addReferences(JsonNode found, Schema.Parser parser, Set<String> added) {
    for (JsonNode reference : found.path("references")) {
      String subject = reference.path("subject").asText();
      String version = reference.path("version").asText();
      String path = "/subjects/" + encoded(subject) + "/versions/" + encoded(version);
      if (!added.add(path)) {
        continue;
      }
      if (added.size() > MOST_REFERENCES) {
        throw new RegistryException(
            Kind.UNKNOWN_SCHEMA, "a schema refers to more than " + MOST_REFERENCES + " others");
      }
      JsonNode other = lookUp(subject + " version " + version, path);
      addReferences(other, parser, added);
      parser.parse(other.path("schema").asText());
    }
  }

  private JsonNode lookUp(String what, String path) {
    Answer answer = client.get(path);
    if (answer.isDone() && answer.json().path("schema").isTextual()) {
      return answer.json();
    }
    Kind kind = RegistryErrors.ofLookUp(answer.status(), answer.errorCode());
    if (answer.status() == 404 && kind == Kind.MISCONFIGURED && isRegistry()) {
      kind = Kind.UNKNOWN_SCHEMA; // one that uses no codes of its own
    }
    throw new RegistryException(kind, what + " from the registry: " + answer.says());
  }

  /** Whether a registry answers there, and not some other server. */
  private boolean isRegistry() {
    Answer types = client.get("/schemas/types");
    return types.isDone() && types.json().isArray();
  }

  private static String encoded(String segment) {
    return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
