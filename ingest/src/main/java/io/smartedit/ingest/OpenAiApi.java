package io.smartedit.ingest;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.smartedit.events.RequestRules;
import io.smartedit.ingest.AlphaMask.Size;
import io.smartedit.ingest.ApiRequest.Body;
import io.smartedit.service.Problem;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * OpenAI's {@code POST /v1/images/edits}: uploads, requests, waits for the ends, and answers in
 * OpenAI's shapes, errors included. Of {@code n} images each is a request of its own, of the seed
 * that follows. How long it waits is bounded; the requests outlive it.
 */
final class OpenAiApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_IMAGES = 10;
  private static final int MAX_FIELDS = 256 << 10;
  private static final long MAX_ANSWER = 64L << 20;
  private static final List<String> FORMATS = List.of("png", "jpeg", "webp");
  private static final long SEEDS = 1L << 31;

  /** What clients of OpenAI say by habit, and what the worker's own model stands for. */
  private static final String THEIRS = "(?:gpt-image|dall-e|chatgpt-image).*";

  /** Our names of what the parameters become. */
  private static final Map<String, String> PARAMETERS =
      Map.of(
          "source", "image",
          "instruction", "prompt",
          "options.mask", "mask",
          "options.size", "size",
          "options.quality", "output_compression",
          "options.steps", "steps",
          "labels.user", "user");

  private final ApiKeys keys;
  private final EditApi edits;
  private final ImageApi images;
  private final StatusClient statuses;
  private final EventSubscriptions subscriptions;
  private final int maxBody;
  private final Duration patience;
  private final Clock clock;

  /** The parts of the front door that are asked. */
  record Parts(
      EditApi edits, ImageApi images, StatusClient statuses, EventSubscriptions subscriptions) {}

  OpenAiApi(IngestSettings settings, Parts parts, Clock clock) {
    this.keys = settings.keys();
    this.edits = parts.edits();
    this.images = parts.images();
    this.statuses = parts.statuses();
    this.subscriptions = parts.subscriptions();
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
      refuse(context, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      refuse(context, Problem.unavailable(5, "The service ends."));
    }
  }

  private void answer(Context context, String id) throws InterruptedException {
    ApiRequest asked = ApiRequest.of(context, keys);
    String tenant = asked.tenant();
    byte[] body = asked.body(Body.FORM, maxBody);
    OpenAiForm form = OpenAiForm.of(context.header("Content-Type"), body);
    int n = form.number("n", 1, 1, MAX_IMAGES);
    boolean urls =
        form.oneOf("response_format", "b64_json", List.of("b64_json", "url")).equals("url");
    ObjectNode request = request(tenant, form);
    long seed =
        form.number("seed", Math.floorMod(id.hashCode(), Integer.MAX_VALUE), 0, Integer.MAX_VALUE);
    List<EditEnds> waiting = new ArrayList<>();
    try {
      for (int i = 0; i < n; i++) {
        String one = n == 1 ? id : id + "." + (i + 1);
        waiting.add(new EditEnds(tenant, one, statuses, subscriptions));
      }
      for (int i = 0; i < n; i++) {
        ((ObjectNode) request.path("options")).put("seed", (seed + i) % SEEDS);
        request.put("requestId", n == 1 ? id : id + "." + (i + 1));
        edits.accept(asked.caller(), request.toString().getBytes(StandardCharsets.UTF_8), tenant);
      }
      List<EditEnd> ends = ends(waiting, id, n);
      Function<EditEnd, String> url = end -> url(context, asked, tenant, end);
      succeed(asked, ends, urls ? url : null, form.oneOf("output_format", "png", FORMATS));
    } finally {
      waiting.forEach(EditEnds::close);
    }
  }

  /** The request that the parameters stand for, without id and seed. */
  private ObjectNode request(String tenant, OpenAiForm form) {
    form.oneOf("quality", "auto", List.of("auto", "low", "medium", "high", "standard", "hd"));
    form.oneOf("background", "auto", List.of("auto", "opaque"));
    form.oneOf("input_fidelity", "high", List.of("high", "low"));
    form.oneOf("moderation", "auto", List.of("auto", "low"));
    form.oneOf("stream", "false", List.of("false", "False"));
    form.number("partial_images", 0, 0, 0);
    ObjectNode request = JSON.createObjectNode();
    byte[] image = form.file("image");
    request.put("source", place("image", tenant, image, form.text("image")));
    String prompt = form.text("prompt");
    if (prompt == null) {
      throw OpenAiForm.refused("prompt", "is missing");
    }
    request.put("instruction", prompt);
    String model = form.text("model");
    if (model != null && !model.matches(THEIRS)) {
      request.put("model", model);
    }
    if (form.text("user") != null) {
      request.putObject("labels").put("user", form.text("user"));
    }
    ObjectNode options = request.putObject("options");
    options.put("format", form.oneOf("output_format", "png", FORMATS));
    if (form.text("output_compression") != null) {
      options.put("quality", Math.max(1, form.number("output_compression", 100, 0, 100)));
    }
    if (form.text("steps") != null) {
      options.put("steps", form.number("steps", 1, 1, RequestRules.MAX_STEPS));
    }
    size(form, image, options);
    byte[] mask = form.file("mask");
    if (mask != null || form.text("mask") != null) {
      byte[] white = mask == null ? null : AlphaMask.toStream(mask);
      options.put("mask", place("mask", tenant, white, form.text("mask")));
    }
    return request;
  }

  /** Where an image lies: uploaded, or where it is said to. */
  private String place(String name, String tenant, byte @Nullable [] file, @Nullable String said) {
    if (file != null) {
      if (file.length == 0) {
        throw OpenAiForm.refused(name, "is empty");
      }
      return images.upload(tenant, file);
    }
    if (said == null) {
      throw OpenAiForm.refused(name, "is missing");
    }
    return said;
  }

  /**
   * By default, and where it is the source's own, the result has the source's size and its
   * untouched pixels; a square of another size is the model's own image.
   */
  private static void size(OpenAiForm form, byte @Nullable [] image, ObjectNode options) {
    String size = form.text("size");
    if (size == null || size.equals("auto")) {
      return;
    }
    Optional<Size> own = image == null ? Optional.empty() : AlphaMask.size(image);
    if (own.isPresent() && size.equals(own.get().width() + "x" + own.get().height())) {
      return;
    }
    String side = size.replaceFirst("^([1-9][0-9]{0,3})x\\1$", "$1");
    if (side.equals(size)
        || Integer.parseInt(side) > RequestRules.MAX_SIZE
        || Integer.parseInt(side) % RequestRules.SIZE_GRID != 0) {
      throw OpenAiForm.refused(
          "size",
          "is '%s', must be auto, the image's own, or a square of a multiple of %d up to %d"
              .formatted(size, RequestRules.SIZE_GRID, RequestRules.MAX_SIZE));
    }
    options.put("size", Integer.parseInt(side)).put("composite", false);
  }

  private List<EditEnd> ends(List<EditEnds> waiting, String id, int n) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    List<EditEnd> ends = new ArrayList<>();
    for (EditEnds one : waiting) {
      EditEnd ended =
          one.await(end)
              .orElseThrow(
                  () ->
                      new Problem(
                          504,
                          "timeout",
                          "The edit has not ended within %d s and goes on; ask GET /v1/edits/%s"
                              .formatted(patience.toSeconds(), n == 1 ? id : id + ".1"),
                          null));
      if (!ended.isEdited()) {
        throw failed(ended);
      }
      ends.add(ended);
    }
    return ends;
  }

  private static Problem failed(EditEnd end) {
    int status =
        switch (end.kind()) {
          case "REJECTED" -> 400;
          case "EXTERNAL" -> 503;
          default -> 500;
        };
    String title = end.status().equals("CANCELLED") ? "edit_cancelled" : "edit_failed";
    return new Problem(status, title, "request " + end.requestId() + ": " + end.message(), null);
  }

  private void succeed(
      ApiRequest asked,
      List<EditEnd> ends,
      @Nullable Function<EditEnd, String> url,
      String format) {
    ObjectNode answer = JSON.createObjectNode().put("created", clock.instant().getEpochSecond());
    ArrayNode data = answer.putArray("data");
    long bytes = 0;
    for (EditEnd end : ends) {
      if (url != null) {
        data.addObject().put("url", url.apply(end));
        continue;
      }
      byte[] image = images.read(asked.caller(), end.output());
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
    asked.answer(200, answer.put("output_format", format).put("background", "opaque"));
  }

  /** Of the image at this front door, as the client sees it. */
  private static String url(Context context, ApiRequest asked, String tenant, EditEnd end) {
    String path = "/v1/edits/" + end.requestId() + "/result";
    String whose = asked.isUsual(tenant) ? "" : "?tenant=" + tenant;
    return context.scheme() + "://" + context.host() + path + whose;
  }

  private static void refuse(Context context, Problem problem) {
    ObjectNode answer = JSON.createObjectNode();
    String field = problem.field();
    answer
        .putObject("error")
        .put("message", problem.getMessage())
        .put("type", type(problem.status()))
        .put("param", field == null ? null : PARAMETERS.getOrDefault(field, field))
        .put("code", code(problem));
    if (problem.retryAfter() > 0) {
      context.header("Retry-After", Long.toString(problem.retryAfter()));
    }
    if (problem.status() == 401) {
      context.header("WWW-Authenticate", "Bearer");
    }
    if (problem.status() >= 500 && problem.status() != 503) {
      context.header("x-should-retry", "false"); // it would be edited again
    }
    context
        .status(problem.status())
        .contentType("application/json")
        .result(answer.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static String type(int status) {
    return switch (status) {
      case 401 -> "authentication_error";
      case 403 -> "permission_error";
      case 429 -> "rate_limit_error";
      default -> status < 500 ? "invalid_request_error" : "server_error";
    };
  }

  private static @Nullable String code(Problem problem) {
    return switch (problem.status()) {
      case 401 -> "invalid_api_key";
      case 429 -> "rate_limit_exceeded";
      case 504 -> "timeout";
      default -> problem.title().startsWith("edit_") ? problem.title() : null;
    };
  }
}
