package io.smartedit.ingest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.events.Fit;
import io.smartedit.events.InvalidRequestException;
import io.smartedit.events.OutputFormat;
import io.smartedit.events.Priority;
import io.smartedit.events.RequestRules;
import io.smartedit.service.Problem;
import io.smartedit.store.SourcePolicy;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BiConsumer;

/** JSON to a checked request; a field that is not known is refused. Thread-safe. */
final class RequestReader {

  private static final int MAX_NESTING = 8;

  private static final ObjectMapper JSON =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final Map<String, BiConsumer<EditRequested.Builder, Field>> FIELDS =
      Map.ofEntries(
          Map.entry("requestId", (request, field) -> request.setRequestId(field.text())),
          Map.entry("tenant", (request, field) -> request.setTenant(field.text())),
          Map.entry("source", (request, field) -> request.setSource(field.text())),
          Map.entry("instruction", (request, field) -> request.setInstruction(field.text())),
          Map.entry("sessionId", (request, field) -> request.setSessionId(field.text())),
          Map.entry("model", (request, field) -> request.setModel(field.text())),
          Map.entry("options", (request, field) -> request.setOptions(options(field.node))),
          Map.entry(
              "priority", (request, field) -> request.setPriority(field.oneOf(Priority.class))),
          Map.entry("deadline", (request, field) -> request.setDeadline(field.instant())),
          Map.entry("labels", (request, field) -> request.setLabels(field.texts())),
          Map.entry("traceparent", (request, field) -> request.setTraceparent(field.text())));

  private static final Map<String, BiConsumer<EditSettings.Builder, Field>> OPTIONS =
      Map.of(
          "steps", (options, field) -> options.setSteps(field.whole()),
          "guidance", (options, field) -> options.setGuidance(field.number()),
          "imageGuidance", (options, field) -> options.setImageGuidance(field.number()),
          "seed", (options, field) -> options.setSeed(field.wholeLong()),
          "size", (options, field) -> options.setSize(field.whole()),
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
    JsonNode node = object(json);
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

  /** The request with some of its options changed. */
  EditRequested changed(EditRequested.Builder request, byte[] json) {
    if (json.length > 0) {
      EditSettings.Builder options = EditSettings.newBuilder(request.getOptions());
      fill(object(json), "options.", OPTIONS, options);
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

  private static JsonNode object(byte[] json) {
    try {
      JsonNode node = JSON.readTree(json);
      if (node != null && node.isObject()) {
        return node;
      }
      throw new Problem(400, "bad request", "The body is not a JSON object.", null);
    } catch (JsonProcessingException e) {
      throw new Problem(400, "bad request", "Not JSON: " + e.getOriginalMessage(), null);
    } catch (IOException e) {
      throw new IllegalStateException("bytes can always be read", e);
    }
  }

  private static EditSettings options(JsonNode node) {
    if (!node.isObject()) {
      throw Problem.of("options", "options must be an object");
    }
    EditSettings.Builder options = EditSettings.newBuilder();
    fill(node, "options.", OPTIONS, options);
    return options.build();
  }

  private static <B> void fill(
      JsonNode node, String prefix, Map<String, BiConsumer<B, Field>> known, B builder) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String name = prefix + entry.getKey();
      BiConsumer<B, Field> setter = known.get(entry.getKey());
      if (setter == null) {
        throw Problem.of(
            name, name + " is not known; there are " + String.join(", ", sorted(known.keySet())));
      }
      if (!entry.getValue().isNull()) {
        setter.accept(builder, new Field(name, entry.getValue()));
      }
    }
  }

  private static Set<String> sorted(Set<String> names) {
    return new TreeSet<>(names);
  }

  /** A field's value with its name, for what is to be said of it. */
  private record Field(String name, JsonNode node) {

    private String text() {
      return require(node.isTextual(), "a string").asText();
    }

    private int whole() {
      return require(node.isInt(), "a whole number").asInt();
    }

    private long wholeLong() {
      return require(node.isIntegralNumber() && node.canConvertToLong(), "a whole number").asLong();
    }

    private double number() {
      return require(node.isNumber(), "a number").asDouble();
    }

    private boolean flag() {
      return require(node.isBoolean(), "true or false").asBoolean();
    }

    private Instant instant() {
      try {
        return Instant.parse(text()).truncatedTo(ChronoUnit.MILLIS);
      } catch (DateTimeParseException e) {
        throw Problem.of(name, name + " must be a time as 2026-11-23T18:00:00Z");
      }
    }

    private Map<String, String> texts() {
      Map<String, String> texts = new HashMap<>();
      require(node.isObject(), "an object of strings")
          .properties()
          .forEach(
              entry ->
                  texts.put(
                      entry.getKey(),
                      new Field(name + "." + entry.getKey(), entry.getValue()).text()));
      return texts;
    }

    private <E extends Enum<E>> E oneOf(Class<E> type) {
      try {
        return Enum.valueOf(type, text().toUpperCase(Locale.ROOT));
      } catch (IllegalArgumentException e) {
        String all = String.join(", ", names(type)).toLowerCase(Locale.ROOT);
        throw Problem.of(name, name + " is " + node + ", must be one of " + all);
      }
    }

    private static <E extends Enum<E>> String[] names(Class<E> type) {
      return Arrays.stream(type.getEnumConstants()).map(Enum::name).toArray(String[]::new);
    }

    private JsonNode require(boolean fits, String wanted) {
      if (!fits) {
        throw Problem.of(name, name + " must be " + wanted);
      }
      return node;
    }
  }
}
