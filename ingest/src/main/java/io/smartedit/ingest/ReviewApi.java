package io.smartedit.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Ruling;
import io.smartedit.ingest.ApiRequest.Body;
import io.smartedit.service.Problem;
import java.io.IOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The API's operations of those who review held results: to list and see them, to release one, or
 * to refuse it. A tenant's own key is not enough.
 */
final class ReviewApi {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ApiKeys keys;
  private final RoleKeys reviewers;
  private final ImageApi images;
  private final StatusClient statuses;
  private final RequestPublisher publisher;
  private final Clock clock;

  /** The publisher stays the caller's. */
  ReviewApi(
      IngestSettings settings,
      ImageApi images,
      StatusClient statuses,
      RequestPublisher publisher,
      Clock clock) {
    this.keys = settings.keys();
    this.reviewers = new RoleKeys("reviewer", "review.keys", settings.reviewKeys());
    this.images = images;
    this.statuses = statuses;
    this.publisher = publisher;
    this.clock = clock;
  }

  void addTo(RoutesConfig routes) {
    routes.get("/v1/reviews", this::list);
    routes.get("/v1/reviews/{id}/result", this::result);
    routes.get("/v1/reviews/{id}/source", context -> show(context, held -> held.path("source")));
    routes.post("/v1/edits/{id}/release", context -> decide(context, Ruling.ALLOW));
    routes.post("/v1/edits/{id}/refuse", context -> decide(context, Ruling.BLOCK));
  }

  private void list(Context context) {
    requireReviewer(context.header("Authorization"));
    ApiRequest request = ApiRequest.ofAnybody(context);
    String tenant = context.queryParam("tenant") == null ? "" : request.tenant();
    byte[] held = statuses.held(tenant, after(context.queryParams("after")));
    context.contentType("application/json").header("Cache-Control", "no-store").result(held);
  }

  private static String after(List<String> named) {
    if (named.isEmpty()) {
      return "";
    }
    String[] names = named.get(0).split("/", -1);
    boolean isKey =
        names.length == 2 && RequestRules.isName(names[0]) && RequestRules.isName(names[1]);
    if (named.size() > 1 || !isKey) {
      throw Problem.of("after", "after must be what an answer before called next");
    }
    return named.get(0);
  }

  private void result(Context context) {
    int variant = ImageApi.variant(context);
    show(
        context,
        held ->
            variant == 1
                ? held.path("output")
                : held.path("variants").path(variant - 2).path("output"));
  }

  /** Shows reviewers an image that nobody else is shown yet. */
  private void show(Context context, Function<JsonNode, JsonNode> field) {
    requireReviewer(context.header("Authorization"));
    ApiRequest request = ApiRequest.ofAnybody(context);
    String tenant = request.tenant();
    JsonNode held = read(statuses.heldOne(tenant, request.id()));
    ImageApi.show(context, images.read(Caller.ANYBODY, field.apply(held).asText()));
  }

  private void decide(Context context, Ruling ruling) {
    requireReviewer(context.header("Authorization"));
    ApiRequest request = ApiRequest.ofAnybody(context);
    String tenant = request.tenant();
    String id = request.id();
    String reason = Reasons.read(request.body(Body.JSON, Reasons.MAX_BODY));
    JsonNode held = held(statuses.status(tenant, id));
    if (held.isMissingNode()) {
      throw new Problem(409, "conflict", "The result of " + id + " is not held.", null);
    }
    publisher.decided(
        EditVerdict.newBuilder()
            .setRequestId(id)
            .setTenant(tenant)
            .setRuling(ruling)
            .setPolicy(held.path("policy").asText())
            .setReason(reason.isEmpty() ? held.path("reason").asText() : reason)
            .setBy("review")
            .setAt(clock.instant().truncatedTo(ChronoUnit.MILLIS))
            .build());
    request.answer(202, JSON.createObjectNode().put("requestId", id).put("ruling", ruling.name()));
  }

  private void requireReviewer(@Nullable String authorization) {
    reviewers.require(authorization, keys.areAsked());
  }

  private static JsonNode held(byte[] status) {
    JsonNode node = read(status);
    boolean ended = List.of("COMPLETED", "FAILED").contains(node.path("state").asText());
    return ended ? JSON.createObjectNode().path("none") : node.path("held");
  }

  private static JsonNode read(byte[] answer) {
    try {
      return JSON.readTree(answer);
    } catch (IOException e) {
      throw new IllegalStateException("the sink's answer is not JSON", e);
    }
  }
}
