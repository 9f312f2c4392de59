package io.smartedit.sink;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.smartedit.service.HttpEndpoint;
import io.smartedit.service.Problem;
import io.smartedit.service.WorkerDirectory;
import io.smartedit.service.WorkerDirectory.Served;

/** The HTTP interface that says which models are served, in the shape of OpenAI's list. */
final class ModelsApi {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final WorkerDirectory workers;

  ModelsApi(WorkerDirectory workers) {
    this.workers = workers;
  }

  void addTo(HttpEndpoint endpoint) {
    endpoint
        .routes()
        .addHttpHandler(HandlerType.GET, "/v1/models", this::all)
        .addHttpHandler(HandlerType.GET, "/v1/models/{id}", this::one);
  }

  private void all(Context context) {
    ObjectNode list = JSON.createObjectNode().put("object", "list");
    ArrayNode data = list.putArray("data");
    workers.served().values().forEach(served -> data.add(json(served)));
    HttpEndpoint.json(context, list);
  }

  private void one(Context context) {
    String id = Instances.id(context);
    Served served = workers.served().get(id);
    if (served == null) {
      throw new Problem(404, "not found", "No worker has announced a model " + id + ".", null);
    }
    HttpEndpoint.json(context, json(served));
  }

  private static ObjectNode json(Served served) {
    ObjectNode node =
        JSON.createObjectNode()
            .put("id", served.model())
            .put("object", "model")
            .put("created", served.since().getEpochSecond())
            .put("owned_by", "smartedit")
            .put("default", served.unnamed())
            .put("since", served.since().toString());
    served.adapters().forEach(node.putArray("adapters")::add);
    served.workers().forEach(node.putArray("workers")::add);
    return node;
  }
}
