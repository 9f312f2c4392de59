package io.smartedit.sink;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.smartedit.events.BatchLine;
import io.smartedit.events.BatchStatus;
import io.smartedit.events.EditResult;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import io.smartedit.events.Variant;
import io.smartedit.service.HttpEndpoint;
import io.smartedit.service.Problem;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.jspecify.annotations.Nullable;

/** The HTTP interface that says how a tenant's batch is, and what its lines have become. */
final class BatchApi {

  /** Lines of an answer; whoever wants more asks again, from the last one on. */
  private static final int PAGE = 1000;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Instances instances;

  BatchApi(Instances instances) {
    this.instances = instances;
  }

  void addTo(HttpEndpoint endpoint) {
    endpoint
        .routes()
        .addHttpHandler(HandlerType.GET, "/v1/batches/{id}", this::status)
        .addHttpHandler(HandlerType.GET, "/v1/batches/{id}/lines", this::lines);
  }

  private void status(Context context) {
    String key = key(context);
    BatchStatus status =
        instances.<BatchStatus, BatchStatus>ask(
            context, BatchBook.STATUSES, key, store -> known(store.get(key), key));
    if (status != null) {
      HttpEndpoint.json(context, json(status));
    }
  }

  private static <T> T known(@Nullable T found, String key) {
    if (found == null) {
      String id = key.substring(key.indexOf('/') + 1);
      throw new Problem(404, "not found", "No batch of the id " + id + " is known.", null);
    }
    return found;
  }

  private void lines(Context context) {
    String key = key(context);
    long after = after(context);
    byte[] lines =
        instances.<BatchLine, byte[]>ask(
            context, BatchBook.LINES, key, store -> page(store, key, after));
    if (lines != null) {
      context.contentType("application/jsonl").result(lines);
    }
  }

  private static byte[] page(
      ReadOnlyKeyValueStore<String, BatchLine> store, String key, long after) {
    StringBuilder page = new StringBuilder();
    try (KeyValueIterator<String, BatchLine> lines =
        store.range(BatchBook.place(key, after + 1), BatchBook.place(key, Long.MAX_VALUE))) {
      for (int i = 0; i < PAGE && lines.hasNext(); i++) {
        page.append(json(lines.next().value)).append('\n');
      }
    }
    return page.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String key(Context context) {
    return Topics.batchKey(Instances.tenant(context), Instances.id(context));
  }

  private static long after(Context context) {
    String named = context.queryParam("after");
    if (named == null) {
      return 0;
    }
    if (!named.matches("[0-9]{1,8}") || Long.parseLong(named) > RequestRules.MAX_BATCH_LINES) {
      throw Problem.of("after", "after is no number of a line");
    }
    return Long.parseLong(named);
  }

  private static ObjectNode json(BatchStatus status) {
    Map<String, Long> counts = status.getCounts();
    long ended = BatchBook.ended(counts);
    ObjectNode node =
        JSON.createObjectNode()
            .put("batch", status.getBatch())
            .put("tenant", status.getTenant())
            .put("state", state(status))
            .put("lines", status.getLines())
            .put("refused", status.getRefused());
    if (status.getAccepted() != null) {
      node.put("accepted", status.getAccepted());
    }
    ObjectNode shown = node.putObject("counts").put("open", status.getLines() - ended);
    for (Status one : Status.values()) {
      shown.put(one.name().toLowerCase(Locale.ROOT), counts.getOrDefault(one.name(), 0L));
    }
    long all = Math.max(status.getLines(), status.getAccepted() == null ? 0 : status.getAccepted());
    node.put("parked", status.getParked())
        .put("progress", all == 0 ? 0 : (double) ended / all)
        .put("openedAt", status.getOpenedAt().toString())
        .put("updatedAt", status.getUpdatedAt().toString());
    if (status.getFinishedAt() != null) {
      node.put("finishedAt", status.getFinishedAt().toString()).put("progress", 1.0);
    }
    return node;
  }

  private static String state(BatchStatus status) {
    if (status.getFinishedAt() != null) {
      return status.getCancelled() ? "CANCELLED" : "COMPLETED";
    }
    if (status.getCancelled()) {
      return "CANCELLING";
    }
    if (status.getPaused()) {
      return "PAUSED";
    }
    return status.getAccepted() == null ? "OPEN" : "RUNNING";
  }

  private static ObjectNode json(BatchLine line) {
    ObjectNode node =
        JSON.createObjectNode()
            .put("line", line.getLine())
            .put("requestId", line.getRequestId())
            .put("state", line.getStatus() == null ? "OPEN" : line.getStatus().name());
    EditResult result = line.getResult();
    if (result != null) {
      node.put("output", result.getOutput())
          .put("bytes", result.getBytes())
          .put("sha256", result.getSha256())
          .put("width", result.getWidth())
          .put("height", result.getHeight());
      variants(node, result);
    }
    if (line.getFailure() != null) {
      node.putObject("failure")
          .put("kind", line.getFailure().getKind().name())
          .put("message", line.getFailure().getMessage());
    }
    return node;
  }

  private static void variants(ObjectNode node, EditResult result) {
    if (result.getVariants().isEmpty()) {
      return;
    }
    ArrayNode variants = node.putArray("variants");
    for (Variant variant : result.getVariants()) {
      variants.addObject().put("seed", variant.getSeed()).put("output", variant.getOutput());
    }
  }
}
