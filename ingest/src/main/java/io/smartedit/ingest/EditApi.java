package io.smartedit.ingest;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smartedit.events.EditRequested;
import io.smartedit.events.RequestRules;
import io.smartedit.ingest.ApiRequest.Body;
import io.smartedit.service.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The API's operations on edits: to request them, alone or many, to follow, cancel and redrive. */
final class EditApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_REQUEST = 256 << 10;

  private final ApiKeys keys;
  private final RequestReader reader;
  private final RequestPublisher publisher;
  private final EditLimits limits;
  private final StatusClient statuses;
  private final Clock clock;
  private final Counter accepted;
  private final Counter refused;
  private final Manifests manifests;

  /** The broker stays the caller's. */
  EditApi(
      IngestSettings settings,
      Ingest.Broker broker,
      StatusClient statuses,
      Manifests manifests,
      MeterRegistry meters,
      Clock clock) {
    this.keys = settings.keys();
    this.reader = new RequestReader(settings.sources(), settings.webhooks(), clock);
    this.publisher = broker.publisher();
    this.limits = broker.limits();
    this.statuses = statuses;
    this.manifests = manifests;
    this.clock = clock;
    this.accepted = meters.counter("smartedit.ingest.accepted");
    this.refused = meters.counter("smartedit.ingest.refused");
  }

  void addTo(RoutesConfig routes) {
    routes.post("/v1/edits", this::submit);
    routes.get("/v1/edits/{id}", this::status);
    routes.delete("/v1/edits/{id}", this::cancel);
    routes.post("/v1/edits/{id}/redrive", this::redrive);
    routes.post("/v1/manifests", this::manifest);
  }

  private void submit(Context context) {
    ApiRequest request = ApiRequest.of(context, keys);
    String tenant = request.tenant();
    byte[] body = request.body(Body.JSON, MAX_REQUEST);
    answer(
        context,
        request,
        accept(
            request.caller(),
            () -> traced(reader.read(body, tenant), request.header("traceparent"))));
  }

  /**
   * In the caller's own trace where it has one; as W3C asks, a header of another form is no trace.
   */
  private static EditRequested traced(EditRequested request, @Nullable String header) {
    return request.getTraceparent() == null && header != null && RequestRules.isTraceparent(header)
        ? EditRequested.newBuilder(request).setTraceparent(header).build()
        : request;
  }

  private void redrive(Context context) {
    ApiRequest request = ApiRequest.of(context, keys);
    String tenant = request.tenant();
    String id = request.id();
    byte[] body = request.body(Body.JSON, MAX_REQUEST);
    EditRequested failed = statuses.failedRequest(tenant, id);
    int redrives = failed.getRedrives() + 1;
    String origin = failed.getRedriveOf() == null ? failed.getRequestId() : failed.getRedriveOf();
    EditRequested.Builder again =
        EditRequested.newBuilder(failed)
            .setRequestId(again(origin, redrives))
            .clearBatch() // whose event may be out
            .clearBatchLine()
            .setRedriveOf(origin)
            .setRedrives(redrives)
            .setRequestedAt(clock.instant());
    answer(context, request, accept(request.caller(), () -> reader.again(again, body)));
  }

  /** The same for the same try, so that asking twice is one edit. */
  private static String again(String origin, int redrives) {
    String id = origin + ".r" + redrives;
    return RequestRules.isName(id)
        ? id
        : UUID.nameUUIDFromBytes(id.getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** As {@link #submit} for a body that was made here. */
  EditRequested accept(Caller caller, byte[] body, String tenant) {
    return accept(caller, () -> reader.read(body, tenant));
  }

  /** Reads, checks and publishes; the request is on the broker when this returns. */
  private EditRequested accept(Caller caller, Supplier<EditRequested> reading) {
    try {
      EditRequested request = caller.admit(reading.get());
      limits.take(caller);
      RequestPublisher.confirm(publisher.send(request));
      accepted.increment();
      return request;
    } catch (Problem e) {
      refused.increment();
      throw e;
    }
  }

  private static void answer(Context context, ApiRequest asked, EditRequested request) {
    String self = "/v1/edits/" + request.getRequestId();
    if (!request.getTenant().equals(asked.caller().usualTenant())) {
      self += "?tenant=" + request.getTenant();
    }
    ObjectNode node = JSON.createObjectNode().put("requestId", request.getRequestId());
    node.putObject("links").put("status", self).put("cancel", self);
    context.header("Location", self);
    asked.answer(202, node);
  }

  private void status(Context context) {
    ApiRequest request = ApiRequest.of(context, keys);
    String tenant = request.tenant();
    byte[] status = statuses.status(tenant, request.id());
    context.contentType("application/json").result(status);
  }

  private void cancel(Context context) {
    ApiRequest request = ApiRequest.of(context, keys);
    String tenant = request.tenant();
    String id = request.id();
    publisher.cancel(tenant, id, clock.instant());
    request.answer(202, JSON.createObjectNode().put("requestId", id));
  }

  /** A manifest whose requests are read, published and counted as single ones are. */
  Manifest manifest(Manifest.Kind kind) {
    return new Manifest(kind, reader, limits, publisher, accepted, refused);
  }

  private void manifest(Context context) throws IOException {
    ApiRequest request = ApiRequest.of(context, keys);
    Manifest manifest = manifest(new Manifest.Loose(request.caller(), request.tenant()));
    context.contentType("application/jsonl");
    // The servlet's own stream: Javalin's would compress, and hold verdicts back.
    manifests.answer(manifest, request.stream(Body.JSON_LINES), context.res().getOutputStream());
  }
}
