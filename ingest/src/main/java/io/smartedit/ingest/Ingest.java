package io.smartedit.ingest;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.micrometer.core.instrument.Counter;
import io.smartedit.events.EditRequested;
import io.smartedit.events.InvalidRequestException;
import io.smartedit.events.RequestRules;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.service.HttpEndpoint;
import io.smartedit.service.Problem;
import io.smartedit.store.ObjectName;
import io.smartedit.store.ObjectStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The front door. Its interface is described at {@code /openapi.json}.
 *
 * <p>It keeps nothing: the same request id again is put on the topic again, where the worker and
 * the sink see to it that there is one edit and one event. An accepted request is on the broker.
 */
public final class Ingest implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_REQUEST = 256 << 10;

  private final Clock clock;
  private final ApiKeys keys;
  private final RequestReader reader;
  private final RequestPublisher publisher;
  private final StatusClient statuses;
  private final Uploads uploads;
  private final Manifests manifests = new Manifests();
  private final HttpEndpoint endpoint;
  private final Counter accepted;
  private final Counter refused;
  private final long maxUpload;

  /** The store stays the caller's. */
  public Ingest(IngestSettings settings, SchemaRegistry registry, ObjectStore store, Clock clock) {
    this(settings, RequestPublisher.to(settings.cluster().kafka(), registry), store, clock);
  }

  /** As the other; the publisher is owned from here on. */
  Ingest(IngestSettings settings, RequestPublisher publisher, ObjectStore store, Clock clock) {
    this.clock = clock;
    this.publisher = publisher;
    keys = settings.keys();
    maxUpload = settings.maxUpload();
    reader = new RequestReader(settings.sources(), clock);
    statuses = new StatusClient(settings.statusUrl());
    uploads = new Uploads(store, settings.uploadBucket());
    endpoint = new HttpEndpoint(maxUpload, () -> true);
    accepted = endpoint.meters().counter("smartedit.ingest.accepted");
    refused = endpoint.meters().counter("smartedit.ingest.refused");
    endpoint
        .routes()
        .addHttpHandler(HandlerType.POST, "/v1/edits", this::submit)
        .addHttpHandler(HandlerType.GET, "/v1/edits/{id}", this::status)
        .addHttpHandler(HandlerType.DELETE, "/v1/edits/{id}", this::cancel)
        .addHttpHandler(HandlerType.POST, "/v1/edits/{id}/redrive", this::redrive)
        .addHttpHandler(HandlerType.POST, "/v1/manifests", this::manifest)
        .addHttpHandler(HandlerType.POST, "/v1/pictures", this::upload)
        .addHttpHandler(HandlerType.GET, "/openapi.json", Ingest::openApi);
    endpoint.start(settings.host(), settings.port());
  }

  public int port() {
    return endpoint.port();
  }

  @Override
  public void close() {
    endpoint.close();
    manifests.close();
    publisher.close();
  }

  private void submit(Context context) {
    Caller caller = caller(context);
    answer(
        context,
        accept(
            caller,
            () ->
                traced(
                    reader.read(body(context, MAX_REQUEST), caller.usualTenant()),
                    context.header("traceparent"))));
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
    Caller caller = caller(context);
    EditRequested failed = statuses.failedRequest(tenant(context, caller), id(context));
    int redrives = failed.getRedrives() + 1;
    String origin = failed.getRedriveOf() == null ? failed.getRequestId() : failed.getRedriveOf();
    EditRequested.Builder again =
        EditRequested.newBuilder(failed)
            .setRequestId(again(origin, redrives))
            .setRedriveOf(origin)
            .setRedrives(redrives)
            .setRequestedAt(clock.instant());
    answer(context, accept(caller, () -> reader.again(again, body(context, MAX_REQUEST))));
  }

  /** The same for the same try, so that asking twice is one edit. */
  private static String again(String origin, int redrives) {
    String id = origin + ".r" + redrives;
    return RequestRules.isName(id)
        ? id
        : UUID.nameUUIDFromBytes(id.getBytes(StandardCharsets.UTF_8)).toString();
  }

  private interface Reading {
    EditRequested read();
  }

  /** Reads, checks and sends; the request is on the broker when this returns. */
  private EditRequested accept(Caller caller, Reading reading) {
    try {
      EditRequested request = caller.admit(reading.read());
      RequestPublisher.confirm(publisher.send(request));
      accepted.increment();
      return request;
    } catch (Problem e) {
      refused.increment();
      throw e;
    }
  }

  private static void answer(Context context, EditRequested request) {
    String self = "/v1/edits/" + request.getRequestId();
    context
        .status(202)
        .header("Location", self)
        .contentType("application/json")
        .result(acceptedJson(request).toString());
  }

  private static ObjectNode acceptedJson(EditRequested request) {
    String self = "/v1/edits/" + request.getRequestId();
    ObjectNode node = JSON.createObjectNode().put("requestId", request.getRequestId());
    node.putObject("links").put("status", self).put("cancel", self);
    return node;
  }

  private void status(Context context) {
    String tenant = tenant(context, caller(context));
    context.contentType("application/json").result(statuses.status(tenant, id(context)));
  }

  private void cancel(Context context) {
    String tenant = tenant(context, caller(context));
    String id = id(context);
    publisher.cancel(tenant, id, clock.instant());
    context
        .status(202)
        .contentType("application/json")
        .result(JSON.createObjectNode().put("requestId", id).toString());
  }

  /** Line by line, in and out: memory does not grow with the manifest. */
  private void manifest(Context context) throws IOException {
    Manifest manifest = new Manifest(caller(context), reader, publisher, accepted, refused);
    context.contentType("application/jsonl");
    // The servlet's own stream: Javalin's would compress, and hold verdicts back.
    manifests.answer(manifest, context.bodyInputStream(), context.res().getOutputStream());
  }

  private void upload(Context context) {
    String tenant = tenant(context, caller(context));
    ObjectName name = uploads.add(tenant, body(context, Math.toIntExact(maxUpload)));
    context
        .status(201)
        .contentType("application/json")
        .result(JSON.createObjectNode().put("source", name.toString()).toString());
  }

  private static void openApi(Context context) {
    InputStream file = Ingest.class.getResourceAsStream("openapi.json");
    if (file == null) {
      throw new IllegalStateException("openapi.json is missing from the jar");
    }
    context.contentType("application/json").result(file);
  }

  private Caller caller(Context context) {
    return keys.caller(context.header("Authorization"));
  }

  /**
   * Of whom is spoken: a tenant that is named and whose name the caller may use, or the usual one.
   */
  private static String tenant(Context context, Caller caller) {
    String named = context.queryParam("tenant");
    String tenant = named == null ? caller.usualTenant() : named;
    if (!RequestRules.isName(tenant)) {
      throw Problem.of("tenant", "tenant is not a name of up to 64 characters");
    }
    caller.requireTenant(tenant);
    return tenant;
  }

  private static String id(Context context) {
    String id = context.pathParam("id");
    try {
      RequestRules.id(id);
    } catch (InvalidRequestException e) {
      throw Problem.of(e.field(), String.valueOf(e.getMessage()));
    }
    return id;
  }

  private static byte[] body(Context context, int most) {
    try {
      byte[] bytes = context.bodyInputStream().readNBytes(most + 1);
      if (bytes.length > most) {
        throw new Problem(
            413, "content too large", "The body has more than " + most + " bytes.", null);
      }
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
