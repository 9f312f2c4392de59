package io.smartedit.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.smartedit.events.PauseScope;
import io.smartedit.events.Paused;
import io.smartedit.events.RequestRules;
import io.smartedit.ingest.ApiRequest.Body;
import io.smartedit.service.Problem;
import java.io.IOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.stream.StreamSupport;

/**
 * The API's operations that let a tenant, a model or everything rest and go on again. A tenant's
 * own key is not enough.
 */
final class PauseApi {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ApiKeys keys;
  private final RoleKeys admins;
  private final StatusClient statuses;
  private final RequestPublisher publisher;
  private final Clock clock;

  /** The publisher stays the caller's. */
  PauseApi(
      IngestSettings settings, StatusClient statuses, RequestPublisher publisher, Clock clock) {
    this.keys = settings.keys();
    this.admins = new RoleKeys("admin", "admin.keys", settings.adminKeys());
    this.statuses = statuses;
    this.publisher = publisher;
    this.clock = clock;
  }

  void addTo(RoutesConfig routes) {
    routes.get("/v1/pauses", this::all);
    routes.put("/v1/pauses/all", context -> pause(context, PauseScope.ALL));
    routes.delete("/v1/pauses/all", context -> resume(context, PauseScope.ALL));
    routes.put("/v1/pauses/tenants/{name}", context -> pause(context, PauseScope.TENANT));
    routes.delete("/v1/pauses/tenants/{name}", context -> resume(context, PauseScope.TENANT));
    routes.put("/v1/pauses/models/{name}", context -> pause(context, PauseScope.MODEL));
    routes.delete("/v1/pauses/models/{name}", context -> resume(context, PauseScope.MODEL));
  }

  private ApiRequest admitted(Context context) {
    admins.require(context.header("Authorization"), keys.areAsked());
    return ApiRequest.ofAnybody(context);
  }

  private void all(Context context) {
    ApiRequest unused = admitted(context);
    context
        .contentType("application/json")
        .header("Cache-Control", "no-store")
        .result(statuses.pauses());
  }

  private void pause(Context context, PauseScope scope) {
    ApiRequest request = admitted(context);
    String name = name(context, scope);
    String reason = Reasons.read(request.body(Body.JSON, Reasons.MAX_BODY));
    Paused paused =
        Paused.newBuilder()
            .setScope(scope)
            .setName(name)
            .setUnnamed(scope == PauseScope.MODEL && editsUnnamed(name))
            .setReason(reason)
            .setAt(clock.instant().truncatedTo(ChronoUnit.MILLIS))
            .build();
    publisher.pause(paused);
    ObjectNode answer = answer(scope, name).put("reason", reason);
    if (scope == PauseScope.MODEL) {
      answer.put("unnamed", paused.getUnnamed());
    }
    request.answer(202, answer);
  }

  private void resume(Context context, PauseScope scope) {
    ApiRequest request = admitted(context);
    String name = name(context, scope);
    publisher.resume(scope, name);
    request.answer(202, answer(scope, name));
  }

  private static ObjectNode answer(PauseScope scope, String name) {
    ObjectNode node = JSON.createObjectNode().put("scope", scope.name().toLowerCase(Locale.ROOT));
    return name.isEmpty() ? node : node.put("name", name);
  }

  private static String name(Context context, PauseScope scope) {
    String name = scope == PauseScope.ALL ? "" : context.pathParam("name");
    if (scope != PauseScope.ALL && !RequestRules.isName(name)) {
      throw Problem.of("name", "name is not a name of 1 to 64 of A-Z a-z 0-9 . _ -");
    }
    return name;
  }

  /** Whether requests that name no model are edited by this one, and by no other. */
  private boolean editsUnnamed(String model) {
    try {
      JsonNode served = JSON.readTree(statuses.models()).path("data");
      List<String> usual =
          StreamSupport.stream(served.spliterator(), false)
              .filter(one -> one.path("default").asBoolean())
              .map(one -> one.path("id").asText())
              .toList();
      return usual.equals(List.of(model));
    } catch (IOException e) {
      throw new IllegalStateException("the sink's answer is not JSON", e);
    }
  }
}
