package io.smartedit.sink;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.smartedit.events.Priority;
import io.smartedit.events.Topics;
import io.smartedit.service.HttpEndpoint;
import io.smartedit.service.Problem;
import io.smartedit.sink.forecast.Backlog;
import io.smartedit.sink.forecast.Lane;
import io.smartedit.sink.forecast.LaneCount;
import java.time.Instant;
import java.util.List;

/** The HTTP interface that says what has not begun, to the sink's other instances above all. */
final class BacklogApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PATH = "/v1/backlog";

  private final Instances instances;
  private final Backlog backlog;

  BacklogApi(Instances instances, Backlog backlog) {
    this.instances = instances;
    this.backlog = backlog;
  }

  void addTo(HttpEndpoint endpoint) {
    endpoint.routes().addHttpHandler(HandlerType.GET, PATH, this::all);
  }

  private void all(Context context) {
    ObjectNode answer = JSON.createObjectNode();
    answer
        .putArray(Instances.ITEMS)
        .addAll(items(before(context), !Instances.isAskedByAnother(context)));
    HttpEndpoint.json(context, answer);
  }

  private static Instant before(Context context) {
    String named = context.queryParam("before");
    if (named == null || !named.matches("[0-9]{1,15}")) {
      throw Problem.of("before", "before must be a time in milliseconds since 1970");
    }
    return Instant.ofEpochMilli(Long.parseLong(named));
  }

  /**
   * What has not begun, in all instances.
   *
   * @param time by which those are counted that came before
   * @throws Problem 503 where one of them cannot say
   */
  List<LaneCount> lanes(Instant time) {
    return items(time, true).stream().map(BacklogApi::lane).toList();
  }

  private List<JsonNode> items(Instant time, boolean others) {
    return instances.askAll(
        PATH + "?before=" + time.toEpochMilli(),
        others,
        OpenRequests.STORE,
        Topics.PROGRESS,
        local -> backlog.count(time, local.partition()).stream().map(BacklogApi::json).toList());
  }

  private static JsonNode json(LaneCount count) {
    return JSON.createObjectNode()
        .put("tenant", count.lane().tenant())
        .put("model", count.lane().model())
        .put("priority", count.lane().priority().name())
        .put("waiting", count.waiting())
        .put("before", count.before());
  }

  private static LaneCount lane(JsonNode item) {
    return new LaneCount(
        new Lane(
            item.path("model").asText(),
            Priority.valueOf(item.path("priority").asText()),
            item.path("tenant").asText()),
        item.path("waiting").asLong(),
        item.path("before").asLong());
  }
}
