package io.smartedit.standalone.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.standalone.local.RegisteredSchema.Reference;
import io.smartedit.standalone.local.RegisteredSchema.SchemaText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The operations of Confluent's schema registry that clients use, each by its method and path
 * (https://docs.confluent.io/platform/current/schema-registry/develop/api.html).
 */
final class RegistryApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String ANY = "*";

  private final SchemaLog schemas;
  private final List<Route> routes;

  /**
   * A request.
   *
   * @param path decoded parts
   * @param body empty where there is none
   */
  record Request(String method, List<String> path, Map<String, String> query, String body) {

    private boolean flag(String name) {
      return Boolean.parseBoolean(query.getOrDefault(name, "false"));
    }

    /** Decoded part of the path, counted from 0. */
    private String part(int index) {
      return path.get(index);
    }

    @Override
    public String toString() {
      return method + " /" + String.join("/", path);
    }
  }

  private record Route(String method, List<String> pattern, Function<Request, JsonNode> answer) {

    private boolean leadsTo(List<String> path) {
      if (path.size() != pattern.size()) {
        return false;
      }
      for (int i = 0; i < path.size(); i++) {
        boolean fits =
            pattern.get(i).equals(ANY)
                ? !path.get(i).isEmpty()
                : pattern.get(i).equals(path.get(i));
        if (!fits) {
          return false;
        }
      }
      return true;
    }
  }

  RegistryApi(SchemaLog schemas) {
    this.schemas = schemas;
    routes =
        List.of(
            route("GET", "", request -> JSON.createObjectNode()),
            route("GET", "subjects", this::subjects),
            route("POST", "subjects/*", this::find),
            route("DELETE", "subjects/*", this::deleteSubject),
            route("GET", "subjects/*/versions", this::versions),
            route("POST", "subjects/*/versions", this::register),
            route("GET", "subjects/*/versions/*", request -> described(version(request))),
            route("DELETE", "subjects/*/versions/*", this::deleteVersion),
            route("GET", "subjects/*/versions/*/schema", request -> bare(version(request))),
            route("GET", "subjects/*/versions/*/referencedby", this::referrers),
            route("GET", "schemas", this::all),
            route("GET", "schemas/types", request -> JSON.createArrayNode().add("AVRO")),
            route("GET", "schemas/ids/*", this::byId),
            route("GET", "schemas/ids/*/schema", request -> bare(schemas.byId(id(request)))),
            route("GET", "schemas/ids/*/subjects", this::subjectsOf),
            route("GET", "schemas/ids/*/versions", this::versionsOf),
            route("POST", "compatibility/subjects/*/versions", this::compatibility),
            route("POST", "compatibility/subjects/*/versions/*", this::compatibility),
            route("GET", "config", request -> level(schemas.level())),
            route("PUT", "config", request -> setLevel(SchemaTopic.EVERY_SUBJECT, request)),
            route("DELETE", "config", request -> resetLevel()),
            route("GET", "config/*", this::levelOf),
            route("PUT", "config/*", request -> setLevel(request.part(1), request)),
            route("DELETE", "config/*", this::deleteLevel),
            route("GET", "mode", request -> mode()),
            route("GET", "mode/*", request -> mode()),
            route("GET", "contexts", request -> JSON.createArrayNode().add(".")));
  }

  private static Route route(String method, String pattern, Function<Request, JsonNode> answer) {
    return new Route(method, List.of(pattern.split("/", -1)), answer);
  }

  /**
   * @throws RegistryRefusal where the protocol refuses
   */
  JsonNode answer(Request request) {
    List<Route> there = routes.stream().filter(route -> route.leadsTo(request.path())).toList();
    if (there.isEmpty()) {
      throw RegistryRefusal.http(404, "Not Found");
    }
    return there.stream()
        .filter(route -> route.method().equals(request.method()))
        .findFirst()
        .orElseThrow(() -> RegistryRefusal.http(405, "Method Not Allowed"))
        .answer()
        .apply(request);
  }

  private JsonNode subjects(Request request) {
    String prefix = request.query().getOrDefault("subjectPrefix", "");
    return array(
        schemas.subjects(request.flag("deleted")).stream()
            .filter(subject -> subject.startsWith(prefix))
            .toList());
  }

  private JsonNode find(Request request) {
    SchemaText text = text(request);
    return described(
        schemas.find(request.part(1), text, request.flag("normalize"), request.flag("deleted")));
  }

  private JsonNode deleteSubject(Request request) {
    return array(schemas.delete(request.part(1), request.flag("permanent")));
  }

  private JsonNode versions(Request request) {
    return array(
        schemas.versions(request.part(1), request.flag("deleted")).stream()
            .map(RegisteredSchema::version)
            .toList());
  }

  private JsonNode register(Request request) {
    RegisteredSchema entry =
        schemas.register(request.part(1), text(request), request.flag("normalize"));
    return JSON.createObjectNode().put("id", entry.id());
  }

  private RegisteredSchema version(Request request) {
    return schemas.version(
        request.part(1), versionNumber(request.part(3)), request.flag("deleted"));
  }

  private JsonNode deleteVersion(Request request) {
    int version = versionNumber(request.part(3));
    return JSON.getNodeFactory()
        .numberNode(schemas.delete(request.part(1), version, request.flag("permanent")));
  }

  private JsonNode referrers(Request request) {
    return array(schemas.referrers(request.part(1), versionNumber(request.part(3))));
  }

  private JsonNode all(Request request) {
    String prefix = request.query().getOrDefault("subjectPrefix", "");
    ArrayNode all = JSON.createArrayNode();
    schemas.all(request.flag("deleted")).stream()
        .filter(entry -> entry.subject().startsWith(prefix))
        .forEach(entry -> all.add(described(entry)));
    return all;
  }

  private JsonNode byId(Request request) {
    RegisteredSchema entry = schemas.byId(id(request));
    return withReferences(JSON.createObjectNode().put("schema", entry.schema()), entry);
  }

  private JsonNode subjectsOf(Request request) {
    return array(
        schemas.places(id(request), request.flag("deleted")).stream()
            .map(RegisteredSchema::subject)
            .distinct()
            .toList());
  }

  private JsonNode versionsOf(Request request) {
    ArrayNode places = JSON.createArrayNode();
    schemas
        .places(id(request), request.flag("deleted"))
        .forEach(
            entry ->
                places.addObject().put("subject", entry.subject()).put("version", entry.version()));
    return places;
  }

  private JsonNode compatibility(Request request) {
    Integer version = request.path().size() == 5 ? versionNumber(request.part(4)) : null;
    return JSON.createObjectNode()
        .put(
            "is_compatible",
            schemas.isCompatible(
                request.part(2), version, text(request), request.flag("normalize")));
  }

  private JsonNode levelOf(Request request) {
    String subject = request.part(1);
    return level(
        request.flag("defaultToGlobal") ? schemas.level(subject) : schemas.ownLevel(subject));
  }

  private JsonNode setLevel(String subject, Request request) {
    CompatibilityLevel level =
        CompatibilityLevel.named(body(request).path("compatibility").asText());
    schemas.setLevel(subject, level);
    return JSON.createObjectNode().put("compatibility", level.name());
  }

  private JsonNode resetLevel() {
    schemas.setLevel(SchemaTopic.EVERY_SUBJECT, null);
    return level(schemas.level());
  }

  private JsonNode deleteLevel(Request request) {
    CompatibilityLevel was = schemas.ownLevel(request.part(1));
    schemas.setLevel(request.part(1), null);
    return level(was);
  }

  private static JsonNode level(CompatibilityLevel level) {
    return JSON.createObjectNode().put("compatibilityLevel", level.name());
  }

  private static JsonNode mode() {
    return JSON.createObjectNode().put("mode", "READWRITE");
  }

  private static ObjectNode described(RegisteredSchema entry) {
    ObjectNode node =
        JSON.createObjectNode()
            .put("subject", entry.subject())
            .put("version", entry.version())
            .put("id", entry.id())
            .put("schema", entry.schema());
    return withReferences(node, entry);
  }

  private static ObjectNode withReferences(ObjectNode node, RegisteredSchema entry) {
    if (!entry.references().isEmpty()) {
      node.set("references", JSON.valueToTree(entry.references()));
    }
    return node;
  }

  private static JsonNode bare(RegisteredSchema entry) {
    try {
      return JSON.readTree(entry.schema());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("schema " + entry.id() + " was JSON when it came", e);
    }
  }

  private static JsonNode array(Collection<?> values) {
    return JSON.valueToTree(values);
  }

  private static JsonNode body(Request request) {
    try {
      JsonNode body = JSON.readTree(request.body());
      if (body.isObject()) {
        return body;
      }
    } catch (JsonProcessingException e) {
      throw invalid("the body is not JSON", e);
    }
    throw invalid("the body is not a JSON object", null);
  }

  private static RegistryRefusal invalid(String why, @Nullable Throwable cause) {
    RegistryRefusal refusal = RegistryRefusal.invalidSchema(why);
    if (cause != null) {
      refusal.initCause(cause);
    }
    return refusal;
  }

  private static SchemaText text(Request request) {
    JsonNode body = body(request);
    String type = body.path("schemaType").asText("AVRO");
    if (!type.equalsIgnoreCase("AVRO")) {
      throw invalid("type " + type + " is not AVRO", null);
    }
    if (!body.path("schema").isTextual()) {
      throw invalid("the body has no schema", null);
    }
    List<Reference> references = new ArrayList<>();
    for (JsonNode reference : body.path("references")) {
      if (!reference.path("subject").isTextual() || !reference.path("version").canConvertToInt()) {
        throw invalid("a reference names no subject and version", null);
      }
      references.add(
          new Reference(
              reference.path("name").asText(),
              reference.path("subject").asText(),
              reference.path("version").asInt()));
    }
    return new SchemaText(body.path("schema").asText(), references);
  }

  /** {@code -1} for the latest. */
  private static int versionNumber(String text) {
    if (text.equals("latest")) {
      return -1;
    }
    try {
      int version = Integer.parseInt(text);
      if (version == -1 || version >= 1) {
        return version;
      }
    } catch (NumberFormatException e) {
      RegistryRefusal refusal = RegistryRefusal.invalidVersion(text);
      refusal.initCause(e);
      throw refusal;
    }
    throw RegistryRefusal.invalidVersion(text);
  }

  /** What is no number leads to no schema's path. */
  private static int id(Request request) {
    try {
      return Integer.parseInt(request.part(2));
    } catch (NumberFormatException e) {
      RegistryRefusal refusal = RegistryRefusal.http(404, "Not Found");
      refusal.initCause(e);
      throw refusal;
    }
  }
}
