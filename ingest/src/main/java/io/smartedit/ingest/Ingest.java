package io.smartedit.ingest;

import io.smartedit.events.SchemaRegistry;
import io.smartedit.service.HttpEndpoint;
import io.smartedit.service.Traces;
import io.smartedit.store.ObjectStore;
import java.time.Clock;

/**
 * The front door: the HTTP API through which edits are requested and followed, described at {@code
 * /openapi.json}.
 *
 * <p>It keeps nothing: the same request id again is put on the topic again, where the worker and
 * the sink see to it that there is one edit and one event. An accepted request is on the broker.
 */
public final class Ingest implements AutoCloseable {

  private final Broker broker;
  private final Manifests manifests = new Manifests();
  private final HttpEndpoint endpoint;

  /** What the front door has of the broker: a producer, the events of edits, and its health. */
  interface Broker extends AutoCloseable {
    RequestPublisher publisher();

    EventSubscriptions subscriptions();

    MetricsHistory history();

    EditLimits limits();

    /** Whether requests can be taken. */
    boolean isGood();

    @Override
    void close();
  }

  /** The store stays the caller's. */
  public Ingest(IngestSettings settings, SchemaRegistry registry, ObjectStore store, Clock clock) {
    this(
        settings,
        new KafkaBroker(
            settings.cluster().kafka(), registry, Traces.to(settings.traces(), "ingest")),
        store,
        clock);
  }

  /** As the other; the broker's side is owned from here on. */
  Ingest(IngestSettings settings, Broker broker, ObjectStore store, Clock clock) {
    this.broker = broker;
    endpoint = new HttpEndpoint(settings.maxUpload(), broker::isGood);
    StatusClient statuses = new StatusClient(settings.statusUrl());
    EditApi edits = new EditApi(settings, broker, statuses, manifests, endpoint.meters(), clock);
    edits.addTo(endpoint.routes());
    new BatchApi(settings.keys(), edits, manifests, broker.publisher(), statuses, clock)
        .addTo(endpoint.routes());
    BodyBudget bodies = BodyBudget.ofHeap();
    ImageApi images = new ImageApi(settings, statuses, store, bodies);
    images.addTo(endpoint.routes());
    new LinkApi(settings, statuses, broker.publisher(), store, clock).addTo(endpoint.routes());
    new ReviewApi(settings, images, statuses, broker.publisher(), clock).addTo(endpoint.routes());
    new PauseApi(settings, statuses, broker.publisher(), clock).addTo(endpoint.routes());
    OpenAiApi.Parts parts =
        new OpenAiApi.Parts(edits, images, statuses, broker.subscriptions(), bodies);
    new OpenAiApi(settings, parts, clock).addTo(endpoint.routes());
    new ModelApi(settings.keys(), statuses).addTo(endpoint.routes());
    new EventApi(settings.keys(), statuses, broker.subscriptions()).addTo(endpoint.routes());
    new MetricsApi(settings.keys(), broker.history(), clock).addTo(endpoint.routes());
    endpoint
        .meters()
        .gauge("smartedit.ingest.subscriptions", broker.subscriptions(), EventSubscriptions::size);
    Page.addTo(endpoint.routes());
    byte[] openApi = OpenApi.document(settings);
    endpoint
        .routes()
        .get("/openapi.json", context -> context.contentType("application/json").result(openApi));
    byte[] asyncApi = AsyncApi.document(settings.cluster().topics().partitions());
    endpoint
        .routes()
        .get("/asyncapi.json", context -> context.contentType("application/json").result(asyncApi));
    endpoint.start(settings.host(), settings.port());
  }

  public int port() {
    return endpoint.port();
  }

  /** Whether the broker and the registry were there when last looked at. */
  public boolean isReady() {
    return broker.isGood();
  }

  @Override
  public void close() {
    broker.subscriptions().close();
    manifests.close();
    endpoint.close();
    broker.close();
  }
}
