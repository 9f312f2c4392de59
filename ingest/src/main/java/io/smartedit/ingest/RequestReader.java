package io.smartedit.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.events.Fit;
import io.smartedit.events.InvalidRequestException;
import io.smartedit.events.MetadataPolicy;
import io.smartedit.events.OutputFormat;
import io.smartedit.events.Priority;
import io.smartedit.events.Region;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Trust;
import io.smartedit.service.Problem;
import io.smartedit.service.WebhookPolicy;
import io.smartedit.store.SourcePolicy;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;

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
          Map.entry("traceparent", (request, field) -> request.setTraceparent(field.text())),
          Map.entry("webhook", (request, field) -> request.setWebhook(field.text())));

  private static final Map<String, BiConsumer<EditSettings.Builder, JsonField>> OPTIONS =
      Map.ofEntries(
          Map.entry("steps", (options, field) -> options.setSteps(field.wholeInt())),
          Map.entry("guidance", (options, field) -> options.setGuidance(field.number())),
          Map.entry("imageGuidance", (options, field) -> options.setImageGuidance(field.number())),
          Map.entry("seed", (options, field) -> options.setSeed(field.wholeLong())),
          Map.entry("size", (options, field) -> options.setSize(field.wholeInt())),
          Map.entry("fit", (options, field) -> options.setFit(field.oneOf(Fit.class))),
          Map.entry("restore", (options, field) -> options.setRestore(field.flag())),
          Map.entry(
              "format", (options, field) -> options.setFormat(field.oneOf(OutputFormat.class))),
          Map.entry("prefix", (options, field) -> options.setPrefix(field.text())),
          Map.entry("sampler", (options, field) -> options.setSampler(field.text())),
          Map.entry("composite", (options, field) -> options.setComposite(field.flag())),
          Map.entry("mask", (options, field) -> options.setMask(field.text())),
          Map.entry("region", (options, field) -> options.setRegion(region(field))),
          Map.entry("variants", (options, field) -> options.setVariants(field.wholeInt())),
          Map.entry("adapters", (options, field) -> options.setAdapters(field.numbers())),
          Map.entry("quality", (options, field) -> options.setQuality(field.wholeInt())),
          Map.entry(
              "metadata",
              (options, field) -> options.setMetadata(field.oneOf(MetadataPolicy.class))));

  private static final Map<String, BiConsumer<Region.Builder, JsonField>> REGION =
      Map.of(
          "x", (region, field) -> region.setX(field.wholeInt()),
          "y", (region, field) -> region.setY(field.wholeInt()),
          "width", (region, field) -> region.setWidth(field.wholeInt()),
          "height", (region, field) -> region.setHeight(field.wholeInt()));

  private final SourcePolicy sources;
  private final WebhookPolicy webhooks;
  private final Clock clock;

  RequestReader(SourcePolicy sources, WebhookPolicy webhooks, Clock clock) {
    this.sources = sources;
    this.webhooks = webhooks;
    this.clock = clock;
  }

  /**
   * Reads and checks a request; one without an id is given one.
   *
   * @param tenant whose it is where it does not say
   * @throws Problem naming the field and the limit
   */
  EditRequested read(byte[] json, String tenant) {
    return read(json, tenant, () -> UUID.randomUUID().toString());
  }

  /** As the other; {@code id} gives the id where the request says none. */
  EditRequested read(byte[] json, String tenant, Supplier<String> id) {
    JsonNode node = JsonBody.object(json);
    EditRequested.Builder request =
        EditRequested.newBuilder()
            .setRequestId(node.has("requestId") ? "" : id.get())
            .setTenant(tenant)
            .setRequestedAt(clock.instant().truncatedTo(ChronoUnit.MILLIS));
    fill(node, "", FIELDS, request);
    require(node, "", "source", "instruction");
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
    } catch (InvalidRequestException e) {
      throw Problem.of(e.field(), String.valueOf(e.getMessage()));
    }
    if (!request.getSource().startsWith(RequestRules.REQUEST_SOURCE)) {
      allowed("source", request.getSource(), sources::check);
    }
    if (request.getOptions().getMask() != null) {
      allowed("options.mask", request.getOptions().getMask(), sources::check);
    }
    if (request.getWebhook() != null) {
      allowed("webhook", request.getWebhook(), webhooks::check);
    }
    return request;
  }

  private static void allowed(String field, String address, Consumer<String> rules) {
    try {
      rules.accept(address);
    } catch (IllegalArgumentException e) {
      throw Problem.of(field, field + ": " + e.getMessage());
    }
  }

  private static EditSettings options(JsonField field) {
    EditSettings.Builder options = EditSettings.newBuilder();
    fill(field.object(), "options.", OPTIONS, options);
    return options.build();
  }

  private static Region region(JsonField field) {
    Region.Builder region = Region.newBuilder();
    String prefix = field.name() + ".";
    fill(field.object(), prefix, REGION, region);
    require(field.object(), prefix, "x", "y", "width", "height");
    return region.build();
  }

  private static void require(JsonNode node, String prefix, String... names) {
    for (String name : names) {
      if (!node.has(name)) {
        throw JsonField.refused(prefix + name, "is missing");
      }
    }
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
