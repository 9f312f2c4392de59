package io.smartedit.ingest;

import io.smartedit.events.SchemaRegistry;
import io.smartedit.service.HttpEndpoint;
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

  private final RequestPublisher publisher;
  private final Health health;
  private final EditApi edits;
  private final HttpEndpoint endpoint;

  /** Whether requests can be taken. */
  interface Health extends AutoCloseable {
    boolean isGood();

    @Override
    void close();
  }

  /** The store stays the caller's. */
  public Ingest(IngestSettings settings, SchemaRegistry registry, ObjectStore store, Clock clock) {
    this(
        settings,
        RequestPublisher.to(settings.cluster().kafka(), registry),
        new PublishingHealth(settings.cluster().kafka(), registry),
        store,
        clock);
  }

  /** As the other; publisher and health are owned from here on. */
  Ingest(
      IngestSettings settings,
      RequestPublisher publisher,
      Health health,
      ObjectStore store,
      Clock clock) {
    this.publisher = publisher;
    this.health = health;
    endpoint = new HttpEndpoint(settings.maxUpload(), health::isGood);
    edits = new EditApi(settings, publisher, endpoint.meters(), clock);
    edits.addTo(endpoint.routes());
    new ImageApi(settings, store).addTo(endpoint.routes());
    byte[] openApi = OpenApi.document(settings);
    endpoint
        .routes()
        .get("/openapi.json", context -> context.contentType("application/json").result(openApi));
    endpoint.start(settings.host(), settings.port());
  }

  public int port() {
    return endpoint.port();
  }

  /** Whether the broker and the registry were there when last looked at. */
  public boolean isReady() {
    return health.isGood();
  }

  @Override
  public void close() {
    endpoint.close();
    edits.close();
    publisher.close();
    health.close();
  }
}
