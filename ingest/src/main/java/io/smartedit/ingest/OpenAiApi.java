package io.smartedit.ingest;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.smartedit.ingest.ApiRequest.Body;
import io.smartedit.service.Problem;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/**
 * OpenAI's {@code POST /v1/images/edits}: uploads, requests, waits for the end, and answers in
 * OpenAI's shapes, errors included. {@code n} images are the variants of one request. How long it
 * waits is bounded; the request outlives it.
 */
final class OpenAiApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_FIELDS = 256 << 10;
  private static final long MAX_ANSWER = 64L << 20;

  private final ApiKeys keys;
  private final EditApi edits;
  private final ImageApi images;
  private final StatusClient statuses;
  private final EventSubscriptions subscriptions;
  private final BodyBudget bodies;
  private final int maxBody;
  private final Duration patience;
  private final Clock clock;

  /** The parts of the front door that are asked. */
  record Parts(
      EditApi edits,
      ImageApi images,
      StatusClient statuses,
      EventSubscriptions subscriptions,
      BodyBudget bodies) {}

  OpenAiApi(IngestSettings settings, Parts parts, Clock clock) {
    this.keys = settings.keys();
    this.edits = parts.edits();
    this.images = parts.images();
    this.statuses = parts.statuses();
    this.subscriptions = parts.subscriptions();
    this.bodies = parts.bodies();
    this.maxBody = (int) Math.min(Integer.MAX_VALUE - 8L, 3 * settings.maxUpload() + MAX_FIELDS);
    this.patience = settings.patience();
    this.clock = clock;
  }

  void addTo(RoutesConfig routes) {
    routes.post("/v1/images/edits", this::edit);
  }

  private void edit(Context context) {
    String id = UUID.randomUUID().toString();
    context.header("x-request-id", id);
    try {
      answer(context, id);
    } catch (Problem e) {
      OpenAiError.answer(context, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      OpenAiError.answer(context, Problem.unavailable(5, "The service ends."));
    }
  }

  private void answer(Context context, String id) throws InterruptedException {
    ApiRequest asked = ApiRequest.of(context, keys);
    String tenant = asked.tenant();
    Wanted wanted =
        bodies.within(asked.expected(maxBody), () -> wanted(context, asked, tenant, id));
    EditEnd end;
    try (EditEnds ends = new EditEnds(tenant, id, statuses, subscriptions)) {
      edits.accept(asked.caller(), wanted.request(), tenant);
      end = ends.await(System.nanoTime() + patience.toNanos()).orElseThrow(() -> late(id));
    }
    if (!end.isEdited()) {
      throw OpenAiError.of(end);
    }
    ObjectNode answer = JSON.createObjectNode().put("created", clock.instant().getEpochSecond());
    if (wanted.urls()) {
      addUrls(answer.putArray("data"), end, address(context, asked, tenant, id));
    } else {
      addImages(answer.putArray("data"), end, asked.caller());
    }
    answer.put("output_format", wanted.format());
    asked.answer(200, answer.put("background", "opaque"));
  }

  /** What is wanted of an edit, when its images are uploaded and the body is let go. */
  @SuppressWarnings("ArrayRecordComponent") // neither compared nor hashed
  private record Wanted(byte[] request, boolean urls, String format) {}

  private Wanted wanted(Context context, ApiRequest asked, String tenant, String id) {
    byte[] body = asked.body(Body.FORM, maxBody);
    OpenAiForm form = OpenAiForm.of(context.header("Content-Type"), body);
    String answer = form.oneOf("response_format", "b64_json", List.of("b64_json", "url"));
    ObjectNode request = new OpenAiRequest(images, tenant, form).toJson(id);
    return new Wanted(
        request.toString().getBytes(StandardCharsets.UTF_8),
        answer.equals("url"),
        form.oneOf("output_format", "png", OpenAiRequest.FORMATS));
  }

  private Problem late(String id) {
    return new Problem(
        504,
        "timeout",
        "The edit has not ended within %d s and goes on; ask GET /v1/edits/%s"
            .formatted(patience.toSeconds(), id),
        null);
  }

  private void addImages(ArrayNode data, EditEnd end, Caller caller) {
    long bytes = 0;
    for (String output : end.outputs()) {
      byte[] image = images.read(caller, output);
      bytes += image.length;
      if (bytes > MAX_ANSWER) {
        throw new Problem(
            413,
            "content too large",
            "The images have more than " + MAX_ANSWER + " bytes; ask for response_format url.",
            "response_format");
      }
      data.addObject().put("b64_json", Base64.getEncoder().encodeToString(image));
    }
  }

  /** Of the result at this front door, as the client sees it. */
  private static String address(Context context, ApiRequest asked, String tenant, String id) {
    String whose = asked.isUsual(tenant) ? "?" : "?tenant=" + tenant + "&";
    return context.scheme() + "://" + context.host() + "/v1/edits/" + id + "/result" + whose;
  }

  private static void addUrls(ArrayNode data, EditEnd end, String address) {
    data.addObject().put("url", address.substring(0, address.length() - 1));
    for (int variant = 2; variant <= end.outputs().size(); variant++) {
      data.addObject().put("url", address + "variant=" + variant);
    }
  }
}
