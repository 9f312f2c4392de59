package io.smartedit.sink;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.smartedit.events.Changed;
import io.smartedit.events.Cost;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EditStatus;
import io.smartedit.events.Paused;
import io.smartedit.events.State;
import io.smartedit.events.Topics;
import io.smartedit.events.Variant;
import io.smartedit.service.HttpEndpoint;
import io.smartedit.service.Pauses;
import io.smartedit.service.Problem;
import io.smartedit.service.WorkerDirectory;
import io.smartedit.sink.forecast.Forecast.Start;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.jspecify.annotations.Nullable;

/** The HTTP interface that says what became of a tenant's request. */
final class StatusApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final double MILLIS = 1e3;

  private final Instances instances;
  private final WorkerDirectory workers;
  private final Pauses pauses;
  private final Function<EditStatus, Optional<Start>> starts;

  /**
   * @param starts when a request is expected to begin, where that can be said
   */
  StatusApi(
      Instances instances,
      WorkerDirectory workers,
      Pauses pauses,
      Function<EditStatus, Optional<Start>> starts) {
    this.instances = instances;
    this.workers = workers;
    this.pauses = pauses;
    this.starts = starts;
  }

  void addTo(HttpEndpoint endpoint) {
    endpoint
        .routes()
        .addHttpHandler(HandlerType.GET, "/v1/edits/{id}", this::status)
        .addHttpHandler(HandlerType.GET, "/v1/edits/{id}/failed.avro", this::failed);
  }

  private void status(Context context) {
    EditStatus status = find(context);
    if (status != null) {
      HttpEndpoint.json(context, json(status));
    }
  }

  private void failed(Context context) {
    EditStatus status = find(context);
    if (status == null) {
      return;
    }
    EditFailed failed = status.getFailed();
    if (failed == null) {
      throw new Problem(404, "not found", "The request has not failed.", null);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    try {
      new SpecificDatumWriter<EditFailed>(EditFailed.getClassSchema()).write(failed, encoder);
      encoder.flush();
    } catch (IOException e) {
      throw new IllegalStateException("bytes can always be written", e);
    }
    context.contentType("application/avro").result(bytes.toByteArray());
  }

  /** The status, or null where another instance has answered. */
  private @Nullable EditStatus find(Context context) {
    String id = Instances.id(context);
    String key = Topics.idKey(Instances.tenant(context), id);
    return instances.<EditStatus, EditStatus>ask(
        context,
        StatusUpdater.STORE,
        id,
        store -> {
          EditStatus status = store.get(key);
          if (status == null) {
            throw new Problem(404, "not found", "No request of the id " + id + " is known.", null);
          }
          return status;
        });
  }

  private ObjectNode json(EditStatus status) {
    ObjectNode node =
        JSON.createObjectNode()
            .put("requestId", status.getRequestId())
            .put("tenant", status.getTenant())
            .put("state", status.getState().name())
            .put("updatedAt", status.getUpdatedAt().toString());
    if (status.getState() == State.RUNNING) {
      node.put("step", status.getStep()).put("steps", status.getSteps());
    }
    String model = status.getModel();
    if (status.getState() == State.REQUESTED && model != null && !workers.serves(model)) {
      ObjectNode waits = node.putObject("waitsFor").put("model", model);
      workers.served().keySet().forEach(waits.putArray("announced")::add);
    }
    if (status.getState() == State.REQUESTED) {
      Optional<Paused> paused = pauses.of(status.getTenant(), model);
      paused.ifPresent(one -> node.set("paused", PausesApi.json(one)));
      if (paused.isEmpty()) {
        starts.apply(status).ifPresent(start -> add(node, start));
      }
    }
    if (status.getVerdict() != null) {
      node.putObject("held")
          .put("policy", status.getVerdict().getPolicy())
          .put("reason", status.getVerdict().getReason())
          .put("since", status.getVerdict().getAt().toString());
    }
    if (status.getCompleted() != null) {
      result(node, status.getCompleted().getResult());
      describe(node, status.getCompleted().getRequest(), status.getCompleted().getCost());
    }
    if (status.getFailed() != null) {
      node.putObject("failure")
          .put("status", status.getFailed().getStatus().name())
          .put("kind", status.getFailed().getFailure().getKind().name())
          .put("message", status.getFailed().getFailure().getMessage());
      describe(node, status.getFailed().getRequest(), status.getFailed().getCost());
    }
    return node;
  }

  private static void add(ObjectNode node, Start start) {
    node.put("expectedStartAt", start.at().toString())
        .put("secondsUntilStart", rounded(start.seconds()));
    node.putObject("basedOn")
        .put("requestsAhead", start.ahead())
        .put("workers", start.workers())
        .put("secondsPerEdit", rounded(start.secondsPerEdit()));
  }

  private static double rounded(double seconds) {
    return Math.round(seconds * MILLIS) / MILLIS;
  }

  private static void result(ObjectNode node, EditResult result) {
    node.put("output", result.getOutput())
        .put("width", result.getWidth())
        .put("height", result.getHeight());
    Changed changed = result.getChanged();
    if (changed != null) {
      ObjectNode where = node.putObject("changed");
      where
          .put("x", changed.getX())
          .put("y", changed.getY())
          .put("width", changed.getWidth())
          .put("height", changed.getHeight())
          .put("share", changed.getShare());
      if (changed.getMask() != null) {
        where.put("mask", changed.getMask());
      }
    }
    if (!result.getVariants().isEmpty()) {
      ArrayNode variants = node.putArray("variants");
      for (Variant variant : result.getVariants()) {
        variants.addObject().put("seed", variant.getSeed()).put("output", variant.getOutput());
      }
    }
  }

  private static void describe(ObjectNode node, @Nullable EditRequested request, Cost cost) {
    if (request != null) {
      node.put("source", request.getSource()).put("instruction", request.getInstruction());
      if (request.getOptions().getMask() != null) {
        node.put("mask", request.getOptions().getMask());
      }
    }
    node.putObject("seconds")
        .put("queued", cost.getQueued())
        .put("fetched", cost.getFetched())
        .put("read", cost.getRead())
        .put("denoised", cost.getDenoised())
        .put("decoded", cost.getDeveloped())
        .put("stored", cost.getStored());
  }
}
