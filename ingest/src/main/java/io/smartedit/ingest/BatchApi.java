package io.smartedit.ingest;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.smartedit.events.BatchAction;
import io.smartedit.ingest.ApiRequest.Body;
import io.smartedit.service.HttpEndpoint;
import io.smartedit.service.Problem;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The API's operations on batches: to submit, follow, hold, cancel them, and to have the results.
 */
final class BatchApi {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final ApiKeys keys;
  private final EditApi edits;
  private final Manifests manifests;
  private final RequestPublisher publisher;
  private final StatusClient statuses;
  private final Clock clock;

  BatchApi(
      ApiKeys keys,
      EditApi edits,
      Manifests manifests,
      RequestPublisher publisher,
      StatusClient statuses,
      Clock clock) {
    this.keys = keys;
    this.edits = edits;
    this.manifests = manifests;
    this.publisher = publisher;
    this.statuses = statuses;
    this.clock = clock;
  }

  void addTo(RoutesConfig routes) {
    routes.post("/v1/batches", context -> submit(context, UUID.randomUUID().toString()));
    routes.put("/v1/batches/{id}", context -> submit(context, null));
    routes.get("/v1/batches/{id}", this::status);
    routes.delete("/v1/batches/{id}", context -> tell(context, BatchAction.CANCEL));
    routes.post("/v1/batches/{id}/pause", context -> tell(context, BatchAction.PAUSE));
    routes.post("/v1/batches/{id}/resume", context -> tell(context, BatchAction.RESUME));
    routes.get("/v1/batches/{id}/results", this::results);
  }

  private void submit(Context context, @Nullable String fresh) throws IOException {
    ApiRequest request = ApiRequest.of(context, keys);
    String tenant = request.tenant();
    BatchManifest batch =
        new BatchManifest(
            tenant, fresh == null ? request.id() : fresh, request.caller(), publisher, clock);
    Manifest manifest = edits.manifest(batch);
    String self = "/v1/batches/" + batch.id();
    context.header("Location", request.isUsual(tenant) ? self : self + "?tenant=" + tenant);
    context.contentType("application/jsonl");
    manifests.answer(manifest, request.stream(Body.JSON_LINES), context.res().getOutputStream());
  }

  private void status(Context context) {
    ApiRequest request = ApiRequest.of(context, keys);
    String tenant = request.tenant();
    byte[] status = statuses.batch(tenant, request.id());
    context.contentType("application/json").result(status);
  }

  private void tell(Context context, BatchAction action) {
    ApiRequest request = ApiRequest.of(context, keys);
    String tenant = request.tenant();
    String id = request.id();
    publisher.tell(BatchManifest.command(tenant, id, clock).setAction(action).build());
    request.answer(202, JSON.createObjectNode().put("batch", id));
  }

  /** Line after line, a page of the sink's at a time, so that of a large batch little is held. */
  private void results(Context context) throws IOException {
    ApiRequest request = ApiRequest.of(context, keys);
    String tenant = request.tenant();
    String id = request.id();
    statuses.batch(tenant, id); // 404 where there is none
    byte[] page = statuses.batchLines(tenant, id, 0);
    context.contentType("application/jsonl");
    OutputStream out = context.res().getOutputStream();
    while (page.length > 0) {
      out.write(page);
      out.flush(); // what has gone out can be broken off
      try {
        page = statuses.batchLines(tenant, id, lastLine(page));
      } catch (Problem e) {
        HttpEndpoint.breakOff(context, e);
        return;
      }
    }
  }

  private static long lastLine(byte[] page) throws IOException {
    int start = page.length - 1;
    while (start > 0 && page[start - 1] != '\n') {
      start--;
    }
    return ((ObjectNode) JSON.readTree(page, start, page.length - start)).path("line").asLong();
  }
}
