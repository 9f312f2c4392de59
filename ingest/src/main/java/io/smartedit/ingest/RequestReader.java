package io.smartedit.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.events.Fit;
import io.smartedit.events.InvalidRequestException;
import io.smartedit.events.OutputFormat;
import io.smartedit.events.Priority;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Trust;
import io.smartedit.service.Problem;
import io.smartedit.store.SourcePolicy;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;

/** JSON to a checked request; a field that is not known is refused. Thread-safe. */
final class RequestReader {

  static {
    Trust.ours();
  }

  private static final Map<String, BiConsumer<EditRequested.Builder, JsonField>> FIELDS =
      Map.ofEntries(
          Map.entry("requestId", (request, field) -> request.setRequestId(field.text())),
          Map.entry("tenant", (request, field) -> request.setTenant(field.text())),
          Map.entry("source", (request, field) -> request.setSource(field.text())),
          Map.entry("instruction", (request, field) -> request.setInstruction(field.text())),
          Map.entry("sessionId", (request, field) -> request.setSessionId(field.text())),
          Map.entry("model", (request, field) -> request.setModel(field.text())),
          Map.entry("options", (request, field) -> request.setOptions(options(field))),
          Map.entry(
              "priority", (request, field) -> request.setPriority(field.oneOf(Priority.class))),
          Map.entry("deadline", (request, field) -> request.setDeadline(field.instant())),
          Map.entry("labels", (request, field) -> request.setLabels(field.texts())),
          Map.entry("traceparent", (request, field) -> request.setTraceparent(field.text())));

  private static final Map<String, BiConsumer<EditSettings.Builder, JsonField>> OPTIONS =
      Map.of(
          "steps", (options, field) -> options.setSteps(field.wholeInt()),
          "guidance", (options, field) -> options.setGuidance(field.number()),
          "imageGuidance", (options, field) -> options.setImageGuidance(field.number()),
          "seed", (options, field) -> options.setSeed(field.wholeLong()),
          "size", (options, field) -> options.setSize(field.wholeInt()),
          "fit", (options, field) -> options.setFit(field.oneOf(Fit.class)),
          "restore", (options, field) -> options.setRestore(field.flag()),
          "format", (options, field) -> options.setFormat(field.oneOf(OutputFormat.class)),
          "prefix", (options, field) -> options.setPrefix(field.text()));

  private final SourcePolicy sources;
  private final Clock clock;

  RequestReader(SourcePolicy sources, Clock clock) {
    this.sources = sources;
    this.clock = clock;
  }

  /**
   * Reads and checks a request; one without an id is given one.
   *
   * @param tenant whose it is where it does not say
   * @throws Problem naming the field and the limit
   */
  EditRequested read(byte[] json, String tenant) {
    JsonNode node = JsonBody.object(json);
    EditRequested.Builder request =
        EditRequested.newBuilder()
            .setRequestId(UUID.randomUUID().toString())
            .setTenant(tenant)
            .setRequestedAt(clock.instant().truncatedTo(ChronoUnit.MILLIS));
    fill(node, "", FIELDS, request);
    for (String required : new String[] {"source", "instruction"}) {
      if (!node.has(required)) {
        throw Problem.of(required, required + " is missing");
      }
    }
    return checked(request.build());
  }

  /**
   * A failed request to be tried again: with the options and the deadline that the body names, and
   * without a deadline where it names none, for the old one may have passed.
   *
   * @param json an object of options and {@code deadline}, or nothing
   */
  EditRequested again(EditRequested.Builder request, byte[] json) {
    request.clearDeadline();
    if (json.length > 0) {
      ObjectNode node = JsonBody.object(json);
      JsonNode deadline = node.remove("deadline");
      if (deadline != null) {
        request.setDeadline(new JsonField("deadline", deadline).instant());
      }
      EditSettings.Builder options = EditSettings.newBuilder(request.getOptions());
      fill(node, "options.", OPTIONS, options);
      request.setOptions(options.build());
    }
    return checked(request.build());
  }

  private EditRequested checked(EditRequested request) {
    try {
      RequestRules.check(request);
      if (!request.getSource().startsWith(RequestRules.REQUEST_SOURCE)) {
        sources.check(request.getSource());
      }
    } catch (InvalidRequestException e) {
      throw Problem.of(e.field(), String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      throw Problem.of("source", "source: " + e.getMessage());
    }
    return request;
  }

  private static EditSettings options(JsonField field) {
    EditSettings.Builder options = EditSettings.newBuilder();
    fill(field.object(), "options.", OPTIONS, options);
    return options.build();
  }

  private static <B> void fill(
      JsonNode node, String prefix, Map<String, BiConsumer<B, JsonField>> known, B builder) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String name = prefix + entry.getKey();
      BiConsumer<B, JsonField> setter = known.get(entry.getKey());
      if (setter == null) {
        throw JsonField.unknown(name, known.keySet());
      }
      setter.accept(builder, new JsonField(name, entry.getValue()));
    }
  }
}
