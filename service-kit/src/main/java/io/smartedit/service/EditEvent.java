package io.smartedit.service;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.events.Changed;
import io.smartedit.events.Cost;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditProgress;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.Ruling;
import io.smartedit.events.Variant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * What happened to an edit, as clients of the API are told it.
 *
 * @param id the record's place, as {@code edits.completed-0-17}
 * @param type {@code progress}, {@code held}, {@code completed} or {@code failed}
 * @param data JSON on one line
 */
public record EditEvent(String id, String tenant, String requestId, String type, String data) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of a record; empty for one of another type. */
  public static Optional<EditEvent> of(String id, SpecificRecord event) {
    if (event instanceof EditProgress progress) {
      return Optional.of(progress(id, progress));
    }
    if (event instanceof EditCompleted completed) {
      return Optional.of(completed(id, completed));
    }
    if (event instanceof EditVerdict verdict && verdict.getRuling() == Ruling.HOLD) {
      return Optional.of(held(id, verdict));
    }
    return event instanceof EditFailed failed ? Optional.of(failed(id, failed)) : Optional.empty();
  }

  /** Whether nothing more will happen. */
  public boolean isTerminal() {
    return type.equals("completed") || type.equals("failed");
  }

  public boolean concerns(String aTenant, @Nullable String aRequestId) {
    return tenant.equals(aTenant) && (aRequestId == null || requestId.equals(aRequestId));
  }

  private static EditEvent progress(String id, EditProgress event) {
    ObjectNode data =
        node(event.getRequestId(), event.getTenant(), event.getWorker())
            .put("step", event.getStep())
            .put("steps", event.getSteps())
            .put("at", event.getAt().toString());
    return new EditEvent(id, event.getTenant(), event.getRequestId(), "progress", data.toString());
  }

  private static EditEvent held(String id, EditVerdict verdict) {
    ObjectNode data =
        JSON.createObjectNode()
            .put("requestId", verdict.getRequestId())
            .put("tenant", verdict.getTenant())
            .put("policy", verdict.getPolicy())
            .put("reason", verdict.getReason())
            .put("at", verdict.getAt().toString());
    return new EditEvent(id, verdict.getTenant(), verdict.getRequestId(), "held", data.toString());
  }

  private static EditEvent completed(String id, EditCompleted event) {
    ObjectNode data =
        node(event.getRequestId(), event.getTenant(), event.getWorker())
            .put("output", event.getResult().getOutput())
            .put("width", event.getResult().getWidth())
            .put("height", event.getResult().getHeight())
            .put("model", event.getModel())
            .put("instruction", event.getRequest().getInstruction())
            .put("source", event.getRequest().getSource())
            .put("at", event.getFinishedAt().toString());
    changed(data, event.getResult().getChanged());
    labels(data, event.getRequest());
    Map<String, Double> adapters = event.getRequest().getOptions().getAdapters();
    if (!adapters.isEmpty()) {
      ObjectNode used = data.putObject("adapters");
      new TreeMap<>(adapters).forEach(used::put);
    }
    if (!event.getResult().getVariants().isEmpty()) {
      ArrayNode variants = data.putArray("variants");
      for (Variant variant : event.getResult().getVariants()) {
        variants.addObject().put("seed", variant.getSeed()).put("output", variant.getOutput());
      }
    }
    cost(data, event.getCost());
    return new EditEvent(id, event.getTenant(), event.getRequestId(), "completed", data.toString());
  }

  private static EditEvent failed(String id, EditFailed event) {
    ObjectNode data =
        node(event.getRequestId(), event.getTenant(), event.getWorker())
            .put("status", event.getStatus().name())
            .put("kind", event.getFailure().getKind().name())
            .put("message", event.getFailure().getMessage())
            .put("at", event.getFinishedAt().toString());
    EditVerdict verdict = event.getVerdict();
    if (verdict != null) {
      data.putObject("blocked")
          .put("policy", verdict.getPolicy())
          .put("reason", verdict.getReason())
          .put("by", verdict.getBy());
    }
    if (event.getRequest() != null) {
      data.put("instruction", event.getRequest().getInstruction());
      labels(data, event.getRequest());
    }
    cost(data, event.getCost());
    return new EditEvent(id, event.getTenant(), event.getRequestId(), "failed", data.toString());
  }

  private static ObjectNode node(String requestId, String tenant, String worker) {
    return JSON.createObjectNode()
        .put("requestId", requestId)
        .put("tenant", tenant)
        .put("worker", worker);
  }

  private static void changed(ObjectNode data, @Nullable Changed changed) {
    if (changed != null) {
      data.putObject("changed")
          .put("x", changed.getX())
          .put("y", changed.getY())
          .put("width", changed.getWidth())
          .put("height", changed.getHeight())
          .put("share", changed.getShare());
    }
  }

  private static void labels(ObjectNode data, EditRequested request) {
    if (!request.getLabels().isEmpty()) {
      ObjectNode labels = data.putObject("labels");
      request.getLabels().forEach(labels::put);
    }
  }

  private static void cost(ObjectNode data, Cost cost) {
    data.putObject("seconds")
        .put("queued", cost.getQueued())
        .put("fetched", cost.getFetched())
        .put("read", cost.getRead())
        .put("denoised", cost.getDenoised())
        .put("decoded", cost.getDeveloped())
        .put("stored", cost.getStored());
  }
}
