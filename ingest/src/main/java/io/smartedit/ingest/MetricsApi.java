package io.smartedit.ingest;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.smartedit.events.EditMetrics;
import io.smartedit.service.Problem;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** The API's throughput and latency: a tenant's minutes, by model. */
final class MetricsApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int USUAL = 60;
  private static final int MOST = (int) MetricsHistory.SPAN.toMinutes();

  private final ApiKeys keys;
  private final MetricsHistory history;
  private final Clock clock;

  MetricsApi(ApiKeys keys, MetricsHistory history, Clock clock) {
    this.keys = keys;
    this.history = history;
    this.clock = clock;
  }

  void addTo(RoutesConfig routes) {
    routes.get("/v1/metrics", this::minutes);
  }

  private void minutes(Context context) {
    ApiRequest request = ApiRequest.of(context, keys);
    String tenant = request.tenant();
    Duration span = Duration.ofMinutes(number(context.queryParams("minutes")));
    ObjectNode answer = JSON.createObjectNode();
    ArrayNode minutes = answer.putArray("minutes");
    history
        .of(tenant, clock.instant().minus(span))
        .forEach(minute -> describe(minutes.addObject(), minute));
    context.header("Cache-Control", "no-store");
    request.answer(200, answer);
  }

  private static int number(List<String> named) {
    if (named.isEmpty()) {
      return USUAL;
    }
    String text = named.get(0);
    if (named.size() > 1 || !text.matches("[1-9][0-9]{0,3}") || Integer.parseInt(text) > MOST) {
      throw Problem.of("minutes", "minutes must be a whole number from 1 to " + MOST);
    }
    return Integer.parseInt(text);
  }

  private static void describe(ObjectNode node, EditMetrics minute) {
    node.put("start", minute.getWindowStart().toString()).put("model", minute.getModel());
    minute.getCounts().forEach(node.putObject("counts")::put);
    ObjectNode seconds = node.putObject("seconds");
    minute
        .getSeconds()
        .forEach(
            (stage, latency) ->
                seconds
                    .putObject(stage)
                    .put("p50", latency.getP50())
                    .put("p95", latency.getP95())
                    .put("p99", latency.getP99()));
  }
}
