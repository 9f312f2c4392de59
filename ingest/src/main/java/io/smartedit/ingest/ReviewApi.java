package io.smartedit.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.Ruling;
import io.smartedit.ingest.ApiRequest.Body;
import io.smartedit.service.Problem;
import java.io.IOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * The API's operations of those who review held results: to release one, or to refuse it. A
 * tenant's own key is not enough.
 */
final class ReviewApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_BODY = 4096;
  private static final int MAX_REASON = 1000;
  private static final String BEARER = "Bearer ";

  private final ApiKeys keys;
  private final Set<String> reviewers;
  private final StatusClient statuses;
  private final RequestPublisher publisher;
  private final Clock clock;

  /** The publisher stays the caller's. */
  ReviewApi(
      IngestSettings settings, StatusClient statuses, RequestPublisher publisher, Clock clock) {
    this.keys = settings.keys();
    this.reviewers = settings.reviewKeys();
    this.statuses = statuses;
    this.publisher = publisher;
    this.clock = clock;
  }

  void addTo(RoutesConfig routes) {
    routes.post("/v1/edits/{id}/release", context -> decide(context, Ruling.ALLOW));
    routes.post("/v1/edits/{id}/refuse", context -> decide(context, Ruling.BLOCK));
  }

  private void decide(Context context, Ruling ruling) {
    requireReviewer(context.header("Authorization"));
    ApiRequest request = ApiRequest.ofAnybody(context);
    String tenant = request.tenant();
    String id = request.id();
    String reason = reason(request.body(Body.JSON, MAX_BODY));
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
    if (!keys.areAsked() && reviewers.isEmpty()) {
      return; // the door is open
    }
    String key =
        authorization == null || !authorization.startsWith(BEARER)
            ? ""
            : authorization.substring(BEARER.length()).strip();
    if (key.isEmpty()) {
      throw new Problem(
          401, "unauthorized", "A reviewer's key is needed: Authorization: Bearer KEY.", null);
    }
    if (!reviewers.contains(DigestUtils.sha256Hex(key))) {
      throw new Problem(403, "forbidden", "This key is no reviewer's (setting review.keys).", null);
    }
  }

  private static String reason(byte[] body) {
    if (body.length == 0) {
      return "";
    }
    ObjectNode node = JsonBody.object(body);
    for (String name : (Iterable<String>) node::fieldNames) {
      if (!name.equals("reason")) {
        throw JsonField.unknown(name, Set.of("reason"));
      }
    }
    String reason = node.has("reason") ? new JsonField("reason", node.path("reason")).text() : "";
    if (reason.length() > MAX_REASON) {
      throw Problem.of(
          "reason", "reason has " + reason.length() + " characters, more than " + MAX_REASON);
    }
    return reason;
  }

  private static JsonNode held(byte[] status) {
    try {
      JsonNode node = JSON.readTree(status);
      boolean ended = List.of("COMPLETED", "FAILED").contains(node.path("state").asText());
      return ended ? JSON.createObjectNode().path("none") : node.path("held");
    } catch (IOException e) {
      throw new IllegalStateException("the sink's answer is not JSON", e);
    }
  }
}
