package io.smartedit.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import io.smartedit.events.EditRequested;
import io.smartedit.service.Problem;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;
import org.junit.jupiter.api.Test;

/**
 * The description at /openapi.json says what the front door does, judged by a JSON Schema library.
 */
final class OpenApiTest {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  private static final IngestSettings SETTINGS =
      LoneIngest.settings(Map.of("webhook.hosts", "shop.example.com,*.example.org"));
  private static final JsonNode DOCUMENT = document();
  private static final JsonSchema EDIT_REQUEST = schema("#/components/schemas/EditRequest");
  private static final JsonSchema REDRIVE = schema("#/components/schemas/Redrive");

  private static final String TEXTS =
      "\"\"|\" \"|\"x\"|\"a b\"|\"a-1\"|\"\\u00a0\"|\"\\u0000\"|\"a\\u0085b\"|\"x\\ny\"|\"\\u001c\"|\"-a\"|\"%s\"|\"%s\""
          .formatted("n".repeat(64), "n".repeat(65));
  private static final String NUMBERS =
      "0|1|8|-1|-1.0|1e0|1e3|1001|0.5|99.99|100|100.5|1024|1032|1e2|-0.0|1e-400|64.0|16|17"
          + "|9223372036854775807|9223372036854775808|-9223372036854775809|65535|65536";
  private static final String OTHERS = "null|true|false|[]|{}|[1]";
  private static final Map<String, String> OWN =
      Map.ofEntries(
          Map.entry(
              "source",
              "\"s3://pictures/a.png\"|\"s3://edited/x/y\"|\"s3://pictures/\"|\"s3://pictures//a\""
                  + "|\"s3://other/a\"|\"s3://pictures/a/../b\"|\"s3://pictures/a/.\"|\"s3://pictures/.a\""
                  + "|\"s3://pictures/\\u0001\"|\"request:r-1\"|\"request:\"|\"https://a.b/c\"|\"ftp://a\""
                  + "|\"s3://pictures/%s\"|\"s3://pictures/%s\""
                      .formatted("k".repeat(1024), "k".repeat(1025))),
          Map.entry("instruction", "\"%s\"|\"%s\"".formatted("i".repeat(4000), "i".repeat(4001))),
          Map.entry("priority", "\"normal\"|\"bulk\"|\"BULK\"|\"high\""),
          Map.entry(
              "deadline",
              "\"2026-11-23T18:00:00Z\"|\"2026-02-30T18:00:00Z\"|\"2026-11-23t18:00:00z\""
                  + "|\"2026-11-23T18:00:00.1234567890Z\"|\"2026-11-23T18:00:00+14:00\""
                  + "|\"9999-12-31T23:59:59-01:00\"|\"0000-01-01T00:00:00Z\"|\"2026-11-23\""),
          Map.entry(
              "labels",
              "{\"a\": \"b\"}|{\"a\": 1}|{\"a\": null}|{\"\": \"\"}|{\"%s\": \"\"}"
                  .formatted("l".repeat(257))),
          Map.entry(
              "traceparent",
              "\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\""
                  + "|\"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\""
                  + "|\"00-00000000000000000000000000000000-b7ad6b7169203331-01\""),
          Map.entry(
              "webhook",
              "\"https://shop.example.com/hook\"|\"http://shop.example.com/hook\""
                  + "|\"https://shop.example.com:1/\"|\"https://a.example.org?b=c\""
                  + "|\"https://example.org\"|\"https://shop.example.com/%s\""
                      .formatted("w".repeat(1200))),
          Map.entry("fit", "\"square\"|\"aspect\"|\"Square\""),
          Map.entry("format", "\"png\"|\"jpeg\"|\"webp\"|\"PNG\"|\"gif\""),
          Map.entry("metadata", "\"keep\"|\"strip_location\"|\"strip_all\"|\"KEEP\""),
          Map.entry(
              "adapters",
              "{}|{\"toon\": 0.8}|{\"toon\": -4, \"b\": 4.0}|{\"toon\": 4.1}|{\"a b\": 1}|{\"\": 1}"
                  + "|{\"a\": \"1\"}|{\"a\": null}|{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1}"),
          Map.entry(
              "region",
              "{\"x\": 0, \"y\": 1.0, \"width\": 2, \"height\": 3}|{\"x\": 0, \"y\": 0, \"width\":"
                  + " 0, \"height\": 3}|{\"x\": 0}|{\"x\": 0, \"y\": 0, \"width\": 1, \"height\":"
                  + " 1, \"z\": 1}"));

  @Property(tries = 3000)
  void aRequestIsAcceptedIfItsSchemaSaysSo(@ForAll("requests") String body) throws IOException {
    assertThat(accepts(body)).as(body).isEqualTo(isValid(EDIT_REQUEST, body));
  }

  @Test
  void anUploadsLimitIsTheServers() {
    JsonNode bytes =
        DOCUMENT.at(
            "/paths/~1v1~1uploads/post/requestBody/content/application~1json/schema/properties/bytes");

    assertThat(bytes.path("maximum").asLong()).isEqualTo(SETTINGS.maxUpload());
  }

  @Property(tries = 1000)
  void aRedriveIsAcceptedIfItsSchemaSaysSo(@ForAll("redrives") String body) throws IOException {
    assertThat(acceptsRedrive(body)).as(body).isEqualTo(isValid(REDRIVE, body));
  }

  @Provide
  Arbitrary<String> requests() {
    Arbitrary<String> options =
        fields(
                "steps",
                "guidance",
                "imageGuidance",
                "seed",
                "size",
                "fit",
                "restore",
                "format",
                "prefix",
                "sampler",
                "composite",
                "mask",
                "region",
                "variants",
                "quality",
                "metadata",
                "adapters",
                "unknown")
            .map(OpenApiTest::object);
    Arbitrary<List<String>> own =
        fields(
            "requestId",
            "tenant",
            "sessionId",
            "model",
            "priority",
            "deadline",
            "labels",
            "traceparent",
            "webhook",
            "source",
            "instruction",
            "unknown");
    return Combinators.combine(own, options.injectNull(0.4), Arbitraries.of(true, true, false))
        .as(
            (fields, more, whole) -> {
              List<String> all = new ArrayList<>(fields);
              if (more != null) {
                all.add("\"options\": " + more);
              }
              if (whole) {
                complete(all, "source", "\"s3://pictures/a.png\"");
                complete(all, "instruction", "\"go\"");
              }
              return object(all);
            });
  }

  @Provide
  Arbitrary<String> redrives() {
    return fields(
            "steps", "seed", "size", "guidance", "deadline", "region", "prefix", "mask", "adapters")
        .map(OpenApiTest::object);
  }

  @Example
  void everyAnswerIsAsItIsDescribed() throws Exception {
    String whole = LoneIngest.request("o-1", "");
    try (LoneIngest ingest = new LoneIngest()) {
      String[][] calls = {
        {"POST", "/v1/edits", "/v1/edits", whole},
        {"POST", "/v1/edits", "/v1/edits", "{}"},
        {"POST", "/v1/edits", "/v1/edits", "x".repeat(300_000)},
        {"POST", "/v1/edits", "/v1/edits?tenant=", whole},
        {"GET", "/v1/edits/{id}", "/v1/edits/x", ""},
        {"GET", "/v1/edits/{id}", "/v1/edits/-", ""},
        {"DELETE", "/v1/edits/{id}", "/v1/edits/x", ""},
        {"DELETE", "/v1/edits/{id}", "/v1/edits/x?tenant=-", ""},
        {"POST", "/v1/edits/{id}/redrive", "/v1/edits/x/redrive", ""},
        {"POST", "/v1/edits/{id}/redrive", "/v1/edits/-/redrive", ""},
        {"POST", "/v1/manifests", "/v1/manifests", whole},
        {"POST", "/v1/batches", "/v1/batches", whole},
        {"PUT", "/v1/batches/{id}", "/v1/batches/b", whole},
        {"PUT", "/v1/batches/{id}", "/v1/batches/-", whole},
        {"GET", "/v1/batches/{id}", "/v1/batches/b", ""},
        {"DELETE", "/v1/batches/{id}", "/v1/batches/b", ""},
        {"POST", "/v1/batches/{id}/pause", "/v1/batches/b/pause", ""},
        {"POST", "/v1/batches/{id}/resume", "/v1/batches/-/resume", ""},
        {"GET", "/v1/batches/{id}/results", "/v1/batches/b/results", ""},
        {"GET", "/v1/pauses", "/v1/pauses", ""},
        {"PUT", "/v1/pauses/all", "/v1/pauses/all", "{\"reason\": \"weights\"}"},
        {"PUT", "/v1/pauses/all", "/v1/pauses/all", "{\"why\": 1}"},
        {"DELETE", "/v1/pauses/all", "/v1/pauses/all", ""},
        {"PUT", "/v1/pauses/tenants/{name}", "/v1/pauses/tenants/shop", ""},
        {"DELETE", "/v1/pauses/tenants/{name}", "/v1/pauses/tenants/-", ""},
        {"PUT", "/v1/pauses/models/{name}", "/v1/pauses/models/photo", ""},
        {"DELETE", "/v1/pauses/models/{name}", "/v1/pauses/models/photo", ""},
        {"POST", "/v1/images", "/v1/images", "GIF89a"},
        {"POST", "/v1/images", "/v1/images", "none"},
        {"POST", "/v1/pictures", "/v1/pictures", "GIF89a"},
        {"POST", "/v1/images/edits", "/v1/images/edits", "{}"}
      };
      for (String[] call : calls) {
        HttpResponse<String> answer =
            HttpClient.newHttpClient()
                .send(
                    HttpRequest.newBuilder(ingest.uri(call[2]))
                        .method(call[0], BodyPublishers.ofString(call[3]))
                        .build(),
                    BodyHandlers.ofString());
        assertDescribed(call[0], call[1], answer);
      }
    }
  }

  private static void assertDescribed(String method, String path, HttpResponse<String> answer)
      throws IOException {
    String what = method + " " + path + " " + answer.statusCode();
    JsonNode response =
        DOCUMENT
            .path("paths")
            .path(path)
            .path(method.toLowerCase(Locale.ROOT))
            .path("responses")
            .path(Integer.toString(answer.statusCode()));
    if (response.has("$ref")) {
      response = DOCUMENT.at(response.path("$ref").asText().substring(1));
    }
    assertThat(response.isMissingNode()).as(what).isFalse();
    String type = answer.headers().firstValue("Content-Type").orElse("none");
    JsonNode content = response.path("content").path(type);
    assertThat(content.isMissingNode()).as(what + " " + type).isFalse();
    String ref = content.path("schema").path("$ref").asText();
    if (!ref.isEmpty()) {
      assertThat(schema(ref).validate(JSON.readTree(answer.body()))).as(what).isEmpty();
    }
    response
        .path("headers")
        .properties()
        .forEach(
            header -> {
              if (header.getValue().path("required").asBoolean()) {
                assertThat(answer.headers().firstValue(header.getKey())).as(what).isPresent();
              }
            });
  }

  private static Arbitrary<List<String>> fields(String... names) {
    return Arbitraries.of(names)
        .flatMap(
            name ->
                Arbitraries.of(values(name).split("\\|", -1)).map(value -> Tuple.of(name, value)))
        .list()
        .ofMaxSize(3)
        .uniqueElements(Tuple2::get1)
        .map(
            list ->
                list.stream()
                    .map(field -> "\"%s\": %s".formatted(field.get1(), field.get2()))
                    .toList());
  }

  private static String values(String name) {
    String own = OWN.getOrDefault(name.equals("mask") ? "source" : name, "");
    // Its own values weigh more, so that whole requests are met often enough.
    String weighed = own.isEmpty() ? "" : (own + "|").repeat(3);
    return weighed + TEXTS + "|" + NUMBERS + "|" + OTHERS;
  }

  private static void complete(List<String> fields, String name, String value) {
    if (fields.stream().noneMatch(field -> field.startsWith("\"" + name + "\""))) {
      fields.add("\"%s\": %s".formatted(name, value));
    }
  }

  private static String object(List<String> fields) {
    return "{" + String.join(", ", fields) + "}";
  }

  private static boolean accepts(String body) {
    return passes(() -> reader().read(body.getBytes(StandardCharsets.UTF_8), "default"));
  }

  private static boolean acceptsRedrive(String body) {
    EditRequested failed =
        reader().read(LoneIngest.request("f", "").getBytes(StandardCharsets.UTF_8), "default");
    return passes(
        () ->
            reader()
                .again(EditRequested.newBuilder(failed), body.getBytes(StandardCharsets.UTF_8)));
  }

  private static boolean passes(Runnable reading) {
    try {
      reading.run();
      return true;
    } catch (Problem e) {
      assertThat(e.status()).isEqualTo(400);
      return false;
    }
  }

  private static RequestReader reader() {
    return new RequestReader(SETTINGS.sources(), SETTINGS.webhooks(), Clock.systemUTC());
  }

  private static boolean isValid(JsonSchema schema, String body) throws IOException {
    return schema.validate(JSON.readTree(body)).isEmpty();
  }

  private static JsonNode document() {
    try {
      return JSON.readTree(OpenApi.document(SETTINGS));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonSchema schema(String ref) {
    ObjectNode root = DOCUMENT.deepCopy();
    root.put("$ref", ref);
    return JsonSchemaFactory.getInstance(VersionFlag.V202012)
        .getSchema(
            root,
            SchemaValidatorsConfig.builder()
                .formatAssertionsEnabled(true)
                .losslessNarrowing(true)
                .build());
  }
}
