package io.smartedit.sink;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.smartedit.events.PauseScope;
import io.smartedit.events.Paused;
import io.smartedit.service.HttpEndpoint;
import io.smartedit.service.Pauses;
import java.util.Locale;

/** The HTTP interface that says what rests. */
final class PausesApi {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Pauses pauses;

  PausesApi(Pauses pauses) {
    this.pauses = pauses;
  }

  void addTo(HttpEndpoint endpoint) {
    endpoint.routes().addHttpHandler(HandlerType.GET, "/v1/pauses", this::all);
  }

  private void all(Context context) {
    ObjectNode node = JSON.createObjectNode();
    ArrayNode all = node.putArray("pauses");
    pauses.all().forEach(paused -> all.add(json(paused)));
    HttpEndpoint.json(context, node);
  }

  /** What rests, why and since when. */
  static ObjectNode json(Paused paused) {
    ObjectNode node =
        JSON.createObjectNode().put("scope", paused.getScope().name().toLowerCase(Locale.ROOT));
    if (paused.getScope() != PauseScope.ALL) {
      node.put("name", paused.getName());
    }
    if (paused.getScope() == PauseScope.MODEL) {
      node.put("unnamed", paused.getUnnamed());
    }
    return node.put("reason", paused.getReason()).put("since", paused.getAt().toString());
  }
}
