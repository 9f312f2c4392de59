package io.smartedit.standalone.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.events.EditRequested;
import io.smartedit.events.HttpSchemaRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.avro.AvroSchema;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.entities.SchemaReference;
import org.apache.flink.avro.registry.confluent.shaded.io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The registry of {@code up}, on a real broker, by Confluent's documents and with its client. */
final class LocalRegistryTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String RECORD =
      "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}";
  private static final String WRONG_DEFAULT =
      "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\",\"default\":\"x\"}]}";

  @TempDir private static Path folder = Path.of("");

  private static LocalKafka kafka;
  private static LocalRegistry registry;

  private record Answer(int status, JsonNode json) {
    int code() {
      return json.path("error_code").asInt();
    }
  }

  @BeforeAll
  static void start() throws IOException {
    kafka = LocalKafka.start(folder, freePort(), freePort());
    registry = LocalRegistry.start(kafka.bootstrap(), freePort());
  }

  @AfterAll
  static void stop() {
    registry.close();
    kafka.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "GET    | /subjects/nobody/versions                       |                          | 404 | 40401",
        "GET    | /subjects/nobody/versions/1                     |                          | 404 | 40401",
        "GET    | /subjects/known/versions/99                     |                          | 404 | 40402",
        "GET    | /subjects/known/versions/0                      |                          | 422 | 42202",
        "GET    | /subjects/known/versions/-2                     |                          | 422 | 42202",
        "GET    | /subjects/known/versions/x                      |                          | 422 | 42202",
        "GET    | /subjects/known/versions/99999999999            |                          | 422 | 42202",
        "DELETE | /subjects/known/versions/0                      |                          | 422 | 42202",
        "DELETE | /subjects/nobody                                |                          | 404 | 40401",
        "DELETE | /subjects/known?permanent=true                  |                          | 404 | 40405",
        "DELETE | /subjects/known/versions/1?permanent=true       |                          | 404 | 40407",
        "GET    | /schemas/ids/99999                              |                          | 404 | 40403",
        "GET    | /schemas/ids/-1                                 |                          | 404 | 40403",
        "GET    | /schemas/ids/x                                  |                          | 404 | 404",
        "GET    | /schemas/ids/99999999999                        |                          | 404 | 404",
        "GET    | /schemas/ids/99999/versions                     |                          | 404 | 40403",
        "POST   | /subjects/known                                 | {\"schema\":\"\\\"long\\\"\"} | 404 | 40403",
        "POST   | /subjects/nobody                                | {\"schema\":\"\\\"long\\\"\"} | 404 | 40401",
        "POST   | /subjects/known/versions                        | {\"schema\":\"\\\"long\\\"\"} | 409 | 409",
        "POST   | /subjects/new/versions                          | {\"schema\":\"nonsense\"}    | 422 | 42201",
        "POST   | /subjects/new/versions                          | {\"schema\":\"\"}            | 422 | 42201",
        "POST   | /subjects/new/versions                          | {\"schema\":5}             | 422 | 42201",
        "POST   | /subjects/new/versions                          | {}                       | 422 | 42201",
        "POST   | /subjects/new/versions                          | []                       | 422 | 42201",
        "POST   | /subjects/new/versions                          | null                     | 422 | 42201",
        "POST   | /subjects/new/versions                          | {\"schema                  | 422 | 42201",
        "POST   | /subjects/new/versions                          |                          | 422 | 42201",
        "POST   | /subjects/new/versions                          | {\"schema\":\"{}\",\"schemaType\":\"JSON\"} | 422 | 42201",
        "POST   | /subjects/new/versions                          | {\"schema\":\"\\\"int\\\"\",\"references\":[{\"name\":\"a\",\"subject\":\"nobody\",\"version\":1}]} | 422 | 42201",
        "POST   | /subjects/new/versions                          | {\"schema\":\"\\\"int\\\"\",\"references\":[5]} | 422 | 42201",
        "POST   | /compatibility/subjects/nobody/versions/1       | {\"schema\":\"\\\"int\\\"\"}  | 404 | 40401",
        "POST   | /compatibility/subjects/known/versions/99       | {\"schema\":\"\\\"int\\\"\"}  | 404 | 40402",
        "POST   | /compatibility/subjects/known/versions/x        | {\"schema\":\"\\\"int\\\"\"}  | 422 | 42202",
        "POST   | /compatibility/subjects/known/versions/latest   | {\"schema\":\"int?\"}        | 422 | 42201",
        "PUT    | /config                                         | {\"compatibility\":\"SOME\"} | 422 | 42203",
        "PUT    | /config                                         | {}                       | 422 | 42203",
        "PUT    | /config/known                                   | {\"compatibility\":7}      | 422 | 42203",
        "GET    | /config/known                                   |                          | 404 | 40408",
        "DELETE | /config/known                                   |                          | 404 | 40408",
        "GET    | /no/such/path                                   |                          | 404 | 404",
        "GET    | /subjects/                                      |                          | 404 | 404",
        "DELETE | /subjects                                       |                          | 405 | 405",
        "POST   | /schemas/ids/1                                  | {}                       | 405 | 405",
        "PATCH  | /config                                         | {}                       | 405 | 405",
      })
  void everyRefusalHasConfluentsCode(String method, String path, String body, int status, int code)
      throws Exception {
    post("/subjects/known/versions", RECORD);

    Answer answer = ask(method, path, body == null ? "" : body);

    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.code()).isEqualTo(code);
    assertThat(answer.json().path("message").asText()).isNotEmpty();
  }

  @Test
  void aWrongDefaultIsAnInvalidSchema() throws Exception {
    Answer answer = post("/subjects/wrong/versions", WRONG_DEFAULT);

    assertThat(answer.status()).isEqualTo(422);
    assertThat(answer.code()).isEqualTo(42201);
    assertThat(post("/compatibility/subjects/known/versions", WRONG_DEFAULT).code())
        .isEqualTo(42201);
    assertThat(post("/subjects/known", WRONG_DEFAULT).code()).isEqualTo(42201);
  }

  /** Mutated schemas: of whatever kind the mistake is, it is the client's. */
  @Test
  void noSchemaIsTheServersFault() throws Exception {
    String text = EditRequested.getClassSchema().toString();
    Random random = new Random(42);
    for (int i = 0; i < 400; i++) {
      String mutated = mutated(text, random);

      Answer answer = post("/subjects/mutated-" + i % 7 + "/versions", mutated);

      assertThat(answer.status()).as(mutated).isIn(200, 409, 422);
      if (answer.status() == 200) {
        int id = answer.json().path("id").asInt();
        assertThat(ask("GET", "/schemas/ids/" + id, "").status()).isEqualTo(200);
      }
    }
  }

  private static String mutated(String text, Random random) {
    StringBuilder mutated = new StringBuilder(text);
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      int at = random.nextInt(mutated.length());
      switch (random.nextInt(4)) {
        case 0 -> mutated.deleteCharAt(at);
        case 1 -> mutated.insert(at, (char) (32 + random.nextInt(95)));
        case 2 -> mutated.setCharAt(at, (char) random.nextInt(0x3000));
        default -> {
          int other = random.nextInt(mutated.length());
          int end = Math.min(mutated.length(), other + random.nextInt(60));
          mutated.insert(at, mutated.substring(other, end));
        }
      }
    }
    return mutated.toString();
  }

  @Test
  void deeplyNestedSchemasAndLongBodiesAreRefused() throws Exception {
    String nested = "{\"type\":\"array\",\"items\":".repeat(5000) + "\"int\"" + "}".repeat(5000);

    assertThat(post("/subjects/nested/versions", nested).status()).isEqualTo(422);
    HttpRequest tooLong =
        HttpRequest.newBuilder(URI.create(registry.url() + "/subjects/long/versions"))
            .expectContinue(true) // asks first, and so need not send what nobody reads
            .POST(BodyPublishers.ofString("x".repeat(2 << 20)))
            .build();
    assertThat(HTTP.send(tooLong, HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(413);
  }

  @Test
  void subjectsOfAnyNameAreTakenAsTheyAre() throws Exception {
    for (String subject : List.of("a+b", "a%20b", "Gr%C3%BC%C3%9Fe", "a%2Fb", "%F0%9F%98%80")) {
      assertThat(post("/subjects/" + subject + "/versions", RECORD).status()).isEqualTo(200);
      assertThat(ask("GET", "/subjects/" + subject + "/versions/latest", "").status())
          .isEqualTo(200);
    }

    assertThat(ask("GET", "/subjects", "").json())
        .contains(JSON.valueToTree("a+b"), JSON.valueToTree("a b"), JSON.valueToTree("a/b"));
  }

  @Test
  void normalizedSchemasAreOne() throws Exception {
    String one = "{\"type\":\"string\",\"b\":1,\"a\":2}";
    String other = "{\"a\":2,\"type\":\"string\",\"b\":1}";

    int id = post("/subjects/norm/versions?normalize=true", one).json().path("id").asInt();

    assertThat(post("/subjects/norm/versions?normalize=true", other).json().path("id").asInt())
        .isEqualTo(id);
    assertThat(post("/subjects/norm?normalize=true", other).json().path("id").asInt())
        .isEqualTo(id);
  }

  @Test
  void confluentsClientRegistersWhatRefersToOthers() throws Exception {
    try (CachedSchemaRegistryClient genuine = new CachedSchemaRegistryClient(registry.url(), 10)) {
      genuine.register("inner", new AvroSchema(RECORD.replace("\"R\"", "\"x.Inner\"")));
      SchemaReference inner = new SchemaReference("x.Inner", "inner", 1);
      AvroSchema outer =
          new AvroSchema(
              "{\"type\":\"record\",\"name\":\"x.Outer\",\"fields\":[{\"name\":\"i\",\"type\":\"x.Inner\"}]}",
              List.of(inner),
              Map.of("x.Inner", RECORD.replace("\"R\"", "\"x.Inner\"")),
              null);

      int id = genuine.register("outer", outer);

      assertThat(genuine.register("outer", outer)).isEqualTo(id);
      assertThat(genuine.getSchemaById(id).references()).containsExactly(inner);
      assertThat(
              new HttpSchemaRegistry(registry.url(), null)
                  .byId(id)
                  .getField("i")
                  .schema()
                  .getFullName())
          .isEqualTo("x.Inner");
      assertThatThrownBy(() -> genuine.deleteSchemaVersion("inner", "1"))
          .isInstanceOfSatisfying(
              RestClientException.class, e -> assertThat(e.getErrorCode()).isEqualTo(42206));
    }
  }

  @Test
  void confluentsClientChangesLevelsAndAsksForCompatibility() throws Exception {
    try (CachedSchemaRegistryClient genuine = new CachedSchemaRegistryClient(registry.url(), 10)) {
      AvroSchema first = new AvroSchema(RECORD.replace("\"R\"", "\"Level\""));
      AvroSchema other = new AvroSchema("\"string\"");
      genuine.register("level", first);

      assertThat(genuine.testCompatibility("level", other)).isFalse();
      assertThat(genuine.updateCompatibility("level", "NONE")).isEqualTo("NONE");
      assertThat(genuine.getCompatibility("level")).isEqualTo("NONE");
      assertThat(genuine.testCompatibility("level", other)).isTrue();
      assertThat(genuine.register("level", other)).isPositive();
      genuine.deleteCompatibility("level");
      assertThatThrownBy(() -> genuine.getCompatibility("level"))
          .isInstanceOfSatisfying(
              RestClientException.class, e -> assertThat(e.getErrorCode()).isEqualTo(40408));
    }
  }

  @Test
  void whatIsDeletedIsGoneInTwoStepsAndOutlivesARestart() throws Exception {
    int id = post("/subjects/gone/versions", RECORD).json().path("id").asInt();

    assertThat(ask("DELETE", "/subjects/gone", "").json()).hasToString("[1]");

    assertThat(ask("GET", "/subjects/gone/versions", "").code()).isEqualTo(40401);
    assertThat(ask("GET", "/subjects/gone/versions?deleted=true", "").json()).hasToString("[1]");
    assertThat(ask("GET", "/schemas/ids/" + id, "").status()).isEqualTo(200);
    assertThat(ask("DELETE", "/subjects/gone", "").code()).isEqualTo(40404);
    assertThat(post("/subjects/gone/versions", RECORD).json().path("id").asInt()).isEqualTo(id);
    assertThat(ask("GET", "/subjects/gone/versions", "").json()).hasToString("[2]");

    assertThat(ask("DELETE", "/subjects/gone/versions/2", "").json()).hasToString("2");
    assertThat(ask("DELETE", "/subjects/gone/versions/2", "").code()).isEqualTo(40406);
    assertThat(ask("DELETE", "/subjects/gone?permanent=true", "").json()).hasToString("[1,2]");
    assertThat(ask("GET", "/subjects/gone/versions?deleted=true", "").code()).isEqualTo(40401);
    try (LocalRegistry again = LocalRegistry.start(kafka.bootstrap(), freePort())) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(again.url() + "/subjects/gone/versions?deleted=true"))
              .build();
      assertThat(HTTP.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(404);
    }
  }

  private static Answer post(String path, String schema) throws Exception {
    return ask("POST", path, JSON.createObjectNode().put("schema", schema).toString());
  }

  private static Answer ask(String method, String path, String body) throws Exception {
    HttpResponse<byte[]> response =
        HTTP.send(
            HttpRequest.newBuilder(URI.create(registry.url() + path))
                .method(
                    method,
                    body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body, UTF_8))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    return new Answer(response.statusCode(), JSON.readTree(response.body()));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
