package io.smartedit.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.events.AllowanceAsked;
import io.smartedit.events.BatchCommand;
import io.smartedit.events.BatchCompleted;
import io.smartedit.events.EditAttempt;
import io.smartedit.events.EditCancelled;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditMetrics;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditProgress;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditReview;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.ImageDeleted;
import io.smartedit.events.ModelWaiting;
import io.smartedit.events.OutgoingCall;
import io.smartedit.events.Paused;
import io.smartedit.events.Topics;
import io.smartedit.events.Topics.Topic;
import io.smartedit.events.WorkerAnnounced;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * The topics' description as AsyncAPI 3.0, made of the topics and schemas themselves, so that it
 * says what there is. As the stream sees it: it receives requests and sends events.
 */
final class AsyncApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String AVRO = "application/vnd.apache.avro+json;version=1.9.0";

  /** Of a topic: what lies on it, and whether clients write or read it. */
  private record Described(Schema schema, Way way) {}

  private enum Way {
    /** Clients write. */
    IN,
    /** Clients read. */
    OUT,
    /** The stream's own, which others may read. */
    WITHIN
  }

  private static final Map<String, Described> TOPICS = topics();

  private AsyncApi() {}

  private static Map<String, Described> topics() {
    Map<String, Described> all = new LinkedHashMap<>();
    for (String topic : Topics.OF_REQUESTS) {
      all.put(topic, new Described(EditRequested.getClassSchema(), Way.IN));
    }
    all.put(Topics.CANCELLED, new Described(EditCancelled.getClassSchema(), Way.IN));
    all.put(Topics.BATCH_COMMANDS, new Described(BatchCommand.getClassSchema(), Way.IN));
    all.put(Topics.OUTCOMES, new Described(EditOutcome.getClassSchema(), Way.WITHIN));
    all.put(Topics.BATCH_PARKED, new Described(EditRequested.getClassSchema(), Way.WITHIN));
    all.put(Topics.PAUSES, new Described(Paused.getClassSchema(), Way.OUT));
    all.put(Topics.PAUSED, new Described(EditRequested.getClassSchema(), Way.WITHIN));
    all.put(Topics.ATTEMPTS, new Described(EditAttempt.getClassSchema(), Way.WITHIN));
    all.put(Topics.ALLOWANCES, new Described(AllowanceAsked.getClassSchema(), Way.WITHIN));
    all.put(Topics.NAMED, new Described(EditRequested.getClassSchema(), Way.IN));
    all.put(Topics.WORKERS, new Described(WorkerAnnounced.getClassSchema(), Way.OUT));
    all.put(Topics.WAITING, new Described(ModelWaiting.getClassSchema(), Way.OUT));
    all.put(Topics.PROGRESS, new Described(EditProgress.getClassSchema(), Way.OUT));
    all.put(Topics.COMPLETED, new Described(EditCompleted.getClassSchema(), Way.OUT));
    all.put(Topics.FAILED, new Described(EditFailed.getClassSchema(), Way.OUT));
    all.put(Topics.METRICS, new Described(EditMetrics.getClassSchema(), Way.OUT));
    all.put(Topics.BATCHES, new Described(BatchCompleted.getClassSchema(), Way.OUT));
    all.put(Topics.REVIEW, new Described(EditReview.getClassSchema(), Way.WITHIN));
    all.put(Topics.VERDICTS, new Described(EditVerdict.getClassSchema(), Way.OUT));
    all.put(Topics.DELETED, new Described(ImageDeleted.getClassSchema(), Way.OUT));
    all.put(Topics.DEAD_WEBHOOKS, new Described(OutgoingCall.getClassSchema(), Way.OUT));
    return all;
  }

  static byte[] document(Topics.Partitions partitions) {
    ObjectNode document = JSON.createObjectNode().put("asyncapi", "3.0.0");
    document
        .putObject("info")
        .put("title", "SmartEdit Stream")
        .put("version", "0.1.0")
        .put(
            "description",
            "Edits of images by instruction. Values are Avro in the Confluent wire format, under"
                + " the subject TOPIC-value. An accepted request ends in exactly one event on"
                + " edits.completed or edits.failed.");
    document.put("defaultContentType", "application/avro");
    ObjectNode channels = document.putObject("channels");
    ObjectNode operations = document.putObject("operations");
    ObjectNode components = document.putObject("components");
    ObjectNode messages = components.putObject("messages");
    components.putObject("messageTraits").set("cloudEvent", cloudEvent());
    for (Topic topic : Topics.all(partitions)) {
      Described described = TOPICS.get(topic.name());
      if (described == null) {
        throw new IllegalStateException("topic " + topic.name() + " is not described");
      }
      String name = described.schema().getName();
      messages.set(name, message(described.schema()));
      channels.set(topic.name(), channel(topic, described));
      operations.set(
          (described.way() == Way.IN ? "receive." : "send.") + topic.name(),
          operation(topic, described));
    }
    return document.toPrettyString().getBytes(StandardCharsets.UTF_8);
  }

  private static ObjectNode channel(Topic topic, Described described) {
    String name = described.schema().getName();
    ObjectNode channel =
        JSON.createObjectNode()
            .put("address", topic.name())
            .put("description", described.schema().getDoc());
    channel.putObject("messages").set(name, reference("components/messages/" + name));
    ObjectNode kafka = channel.putObject("bindings").putObject("kafka");
    kafka.put("topic", topic.name()).put("partitions", topic.partitions());
    ObjectNode configuration = kafka.putObject("topicConfiguration");
    topic
        .config()
        .forEach(
            (key, value) -> {
              if (key.equals("retention.ms")) {
                configuration.put(key, Long.parseLong(value));
              } else if (key.equals("cleanup.policy")) {
                List.of(value.split(",", -1)).forEach(configuration.withArray(key)::add);
              }
            });
    kafka.put("bindingVersion", "0.5.0");
    return channel;
  }

  private static ObjectNode operation(Topic topic, Described described) {
    String summary =
        switch (described.way()) {
          case IN -> "Written by clients";
          case OUT -> "Read by clients";
          case WITHIN -> "The stream's own; others may read it";
        };
    ObjectNode operation =
        JSON.createObjectNode()
            .put("action", described.way() == Way.IN ? "receive" : "send")
            .put("summary", summary);
    operation.set("channel", reference("channels/" + topic.name()));
    return operation;
  }

  private static ObjectNode message(Schema schema) {
    ObjectNode message =
        JSON.createObjectNode()
            .put("name", schema.getFullName())
            .put("summary", schema.getDoc())
            .put("contentType", "application/avro");
    message.putArray("traits").add(reference("components/messageTraits/cloudEvent"));
    ObjectNode payload = message.putObject("payload").put("schemaFormat", AVRO);
    payload.set("schema", tree(schema));
    ObjectNode kafka = message.putObject("bindings").putObject("kafka");
    kafka.putObject("key").put("type", "string");
    kafka
        .put("schemaIdLocation", "payload")
        .put("schemaIdPayloadEncoding", "confluent")
        .put("bindingVersion", "0.5.0");
    return message;
  }

  /** Headers of every event. */
  private static ObjectNode cloudEvent() {
    ObjectNode trait = JSON.createObjectNode();
    ObjectNode headers = trait.putObject("headers").put("type", "object");
    ObjectNode properties = headers.putObject("properties");
    for (String name : List.of("ce_specversion", "ce_type", "ce_source", "ce_id", "content-type")) {
      headers.withArray("required").add(name);
      properties.putObject(name).put("type", "string");
    }
    for (String name : List.of("ce_time", "ce_subject", "traceparent")) {
      properties.putObject(name).put("type", "string");
    }
    return trait;
  }

  private static ObjectNode reference(String path) {
    return JSON.createObjectNode().put("$ref", "#/" + path);
  }

  private static JsonNode tree(Schema schema) {
    try {
      return JSON.readTree(schema.toString());
    } catch (IOException e) {
      throw new UncheckedIOException("a schema is always JSON", e);
    }
  }
}
