package io.smartedit.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.store.SourcePolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The API's description as OpenAPI 3.1: {@code openapi.json}, with what this server's settings say
 * of sources and keys.
 */
final class OpenApi {

  private static final String KEY =
      "(?!/)(?!(?:[^\\u0000-\\u001f\\u007f-\\u009f]*/)?[.]{1,2}(?:/|$))"
          + "[^\\u0000-\\u001f\\u007f-\\u009f]{1,1024}";
  private static final String REQUEST = "request:[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

  private static final String UPLOAD_BYTES =
      "/paths/~1v1~1uploads/post/requestBody/content/application~1json/schema/properties/bytes";

  private OpenApi() {}

  static byte[] document(IngestSettings settings) {
    try (InputStream file = OpenApi.class.getResourceAsStream("openapi.json")) {
      if (file == null) {
        throw new IllegalStateException("openapi.json is missing from the jar");
      }
      JsonNode document = new ObjectMapper().readTree(file);
      String stored = stored(settings.sources());
      pattern(document, "Source", "^(?:" + stored + "|" + REQUEST + ")$");
      pattern(document, "Mask", "^(?:" + stored + ")$");
      pattern(document, "Webhook", settings.webhooks().pattern());
      if (document.at(UPLOAD_BYTES) instanceof ObjectNode bytes) {
        bytes.put("maximum", settings.maxUpload());
      }
      if (!settings.keys().areAsked() && document instanceof ObjectNode object) {
        object.remove("security");
      }
      return document.toPrettyString().getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void pattern(JsonNode document, String schema, String pattern) {
    if (document.at("/components/schemas/" + schema) instanceof ObjectNode node) {
      node.put("pattern", pattern);
    }
  }

  private static String stored(SourcePolicy policy) {
    String objects = "s3://(?:" + oneOf(policy.buckets()) + ")/" + KEY;
    return policy.hosts().isEmpty()
        ? objects
        : objects + "|https://(?:" + oneOf(policy.hosts()) + ")(?:[/?].*)?";
  }

  private static String oneOf(Collection<String> names) {
    return new TreeSet<>(names)
        .stream()
            .map(name -> name.replace(".", "[.]").replace("*", "[a-z0-9.-]+"))
            .collect(Collectors.joining("|"));
  }
}
