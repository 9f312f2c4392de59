package io.smartedit.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.events.EditRequested;
import io.smartedit.events.Topics;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/** The description at /asyncapi.json is whole, and says what the topics are. */
final class AsyncApiTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void everyTopicIsDescribedAsItIsMade() throws IOException {
    JsonNode document = JSON.readTree(AsyncApi.document(Topics.Partitions.DEFAULT));

    assertThat(document.path("asyncapi").asText()).isEqualTo("3.0.0");
    assertThat(document.at("/info/title").asText()).isNotEmpty();
    assertThat(names(document.path("channels")))
        .containsExactlyInAnyOrderElementsOf(
            Topics.all(Topics.Partitions.DEFAULT).stream().map(Topics.Topic::name).toList());
    for (Topics.Topic topic : Topics.all(Topics.Partitions.DEFAULT)) {
      JsonNode channel = document.path("channels").path(topic.name());
      assertThat(channel.path("address").asText()).isEqualTo(topic.name());
      assertThat(channel.at("/bindings/kafka/partitions").asInt()).isEqualTo(topic.partitions());
    }
    assertThat(document.path("operations"))
        .hasSize(Topics.all(Topics.Partitions.DEFAULT).size())
        .allSatisfy(
            operation -> assertThat(operation.path("action").asText()).isIn("send", "receive"));
  }

  @Test
  void everyReferenceLeadsSomewhere() throws IOException {
    JsonNode document = JSON.readTree(AsyncApi.document(Topics.Partitions.DEFAULT));
    List<String> references = new ArrayList<>();
    collect(document, references);

    assertThat(references)
        .hasSizeGreaterThan(2 * Topics.all(Topics.Partitions.DEFAULT).size())
        .allSatisfy(
            reference -> {
              String pointer = reference.substring(1);
              assertThat(document.at(pointer).isMissingNode()).as(reference).isFalse();
            });
  }

  @Test
  void everyPayloadIsTheSchemaItself() throws IOException {
    JsonNode messages =
        JSON.readTree(AsyncApi.document(Topics.Partitions.DEFAULT)).at("/components/messages");

    for (Map.Entry<String, JsonNode> message : messages.properties()) {
      Schema schema =
          new Schema.Parser().parse(message.getValue().at("/payload/schema").toString());
      assertThat(schema.getName()).isEqualTo(message.getKey());
    }
    Schema request =
        new Schema.Parser().parse(messages.at("/EditRequested/payload/schema").toString());
    assertThat(request).isEqualTo(EditRequested.getClassSchema());
  }

  @Test
  void itIsServed() throws Exception {
    try (LoneIngest ingest = new LoneIngest()) {
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(
                  HttpRequest.newBuilder(ingest.uri("/asyncapi.json")).build(),
                  BodyHandlers.ofString());

      assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
      assertThat(JSON.readTree(answer.body()))
          .isEqualTo(JSON.readTree(AsyncApi.document(Topics.Partitions.DEFAULT)));
    }
  }

  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static void collect(JsonNode node, List<String> references) {
    if (node.has("$ref")) {
      references.add(node.path("$ref").asText());
    }
    node.forEach(child -> collect(child, references));
  }
}
