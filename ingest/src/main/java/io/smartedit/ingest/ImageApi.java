package io.smartedit.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.smartedit.events.RequestRules;
import io.smartedit.ingest.ApiRequest.Body;
import io.smartedit.service.Problem;
import io.smartedit.store.ObjectName;
import io.smartedit.store.ObjectStore;
import io.smartedit.store.SourcePolicy;
import io.smartedit.store.StoreException;
import java.io.IOException;
import java.util.function.UnaryOperator;

/** The API's operations on images. */
final class ImageApi {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static final long MAX_SHOWN = 64L << 20;

  private final ApiKeys keys;
  private final SourcePolicy sources;
  private final StatusClient statuses;
  private final ObjectStore store;
  private final Uploads uploads;
  private final BodyBudget bodies;
  private final int maxUpload;

  /** The store stays the caller's. */
  ImageApi(IngestSettings settings, StatusClient statuses, ObjectStore store, BodyBudget bodies) {
    this.keys = settings.keys();
    this.sources = settings.sources();
    this.statuses = statuses;
    this.store = store;
    this.uploads = new Uploads(store, settings.uploadBucket());
    this.bodies = bodies;
    this.maxUpload = Math.toIntExact(settings.maxUpload());
  }

  void addTo(RoutesConfig routes) {
    routes.post("/v1/images", this::upload);
    routes.post("/v1/pictures", this::upload); // its name in 0.1
    routes.get("/v1/edits/{id}/source", context -> show(context, status -> status.path("source")));
    routes.get("/v1/edits/{id}/result", this::result);
  }

  private void upload(Context context) {
    ApiRequest request = ApiRequest.of(context, keys);
    String tenant = request.tenant();
    ObjectName name =
        bodies.within(
            request.expected(maxUpload),
            () -> uploads.add(tenant, request.body(Body.IMAGE, maxUpload)));
    request.answer(201, JSON.createObjectNode().put("source", name.toString()));
  }

  /** Gives an edited image; of several variants the one that is asked for, the first as 1. */
  private void result(Context context) {
    int variant = variant(context);
    show(
        context,
        status ->
            variant == 1
                ? status.path("output")
                : status.path("variants").path(variant - 2).path("output"));
  }

  /** Which of several is asked for; the first where that is not said. */
  static int variant(Context context) {
    String asked = context.queryParam("variant");
    int most = RequestRules.MAX_VARIANTS;
    if (asked == null) {
      return 1;
    }
    if (!asked.matches("[1-9][0-9]?") || Integer.parseInt(asked) > most) {
      throw Problem.of("variant", "variant must be a whole number from 1 to " + most);
    }
    return Integer.parseInt(asked);
  }

  /** Gives an image of a request, whose place its status tells. */
  private void show(Context context, UnaryOperator<JsonNode> field) {
    ApiRequest request = ApiRequest.of(context, keys);
    String tenant = request.tenant();
    String place = place(statuses.status(tenant, request.id()), field);
    show(context, read(request.caller(), place));
  }

  /** Answers with an image, of which a browser makes nothing else. */
  static void show(Context context, byte[] bytes) {
    ImageKind kind = ImageKind.of(bytes).orElseThrow(() -> missing("It is no image."));
    context
        .contentType(kind.mediaType())
        .header("X-Content-Type-Options", "nosniff")
        .header("Content-Security-Policy", "default-src 'none'; sandbox")
        .header("Cache-Control", "private, max-age=60")
        .result(bytes);
  }

  private static String place(byte[] status, UnaryOperator<JsonNode> field) {
    try {
      String place = field.apply(JSON.readTree(status)).asText();
      if (place.isEmpty()) {
        throw missing("The request has none yet, or will have none.");
      }
      return place;
    } catch (IOException e) {
      throw new IllegalStateException("the sink's answer is not JSON", e);
    }
  }

  /** Uploads an image and says where it lies. */
  String upload(String tenant, byte[] image) {
    return uploads.add(tenant, image).toString();
  }

  /** An image of the store that the caller may see. */
  byte[] read(Caller caller, String place) {
    if (!place.startsWith("s3://")) {
      throw missing("It does not lie in the store: " + place);
    }
    try {
      sources.check(place);
      caller.requireOwn("source", place);
      return store.read(ObjectName.parse(place), MAX_SHOWN);
    } catch (IllegalArgumentException e) {
      throw missing("It does not lie where images may be read: " + place);
    } catch (StoreException e) {
      throw switch (e.kind()) {
        case NOT_FOUND, DENIED, TOO_LARGE -> missing("It cannot be read any more: " + place);
        case MISCONFIGURED, UNAVAILABLE ->
            Problem.unavailable(5, "The store does not answer; ask again.", e);
      };
    }
  }

  private static Problem missing(String detail) {
    return new Problem(404, "not found", detail, null);
  }
}
