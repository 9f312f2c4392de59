package io.smartedit.ingest;

import io.opentelemetry.api.trace.TracerProvider;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.InMemorySchemaRegistry;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.service.Settings;
import io.smartedit.store.InMemoryObjectStore;
import java.net.URI;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The front door on a port of its own, with Kafka's own in-memory producer behind it. */
final class LoneIngest implements AutoCloseable {

  static final String SOURCE = "s3://pictures/cat.png";

  final MockProducer<String, SpecificRecord> producer;
  final InMemoryObjectStore store = new InMemoryObjectStore();
  final EventSubscriptions subscriptions = new EventSubscriptions();
  final MetricsHistory history = new MetricsHistory();
  private final Ingest ingest;

  LoneIngest() {
    this(Map.of(), new InMemorySchemaRegistry());
  }

  LoneIngest(Map<String, String> own, SchemaRegistry registry) {
    IngestSettings settings = settings(own);
    producer =
        new MockProducer<>(true, null, new StringSerializer(), new EventSerializer<>(registry));
    RequestPublisher publisher = new RequestPublisher(producer, TracerProvider.noop().get("test"));
    EditLimits limits = LoopedLimits.of(registry);
    store.ensureBucket("pictures");
    ingest =
        new Ingest(
            settings,
            new Ingest.Broker() {
              @Override
              public RequestPublisher publisher() {
                return publisher;
              }

              @Override
              public EventSubscriptions subscriptions() {
                return subscriptions;
              }

              @Override
              public MetricsHistory history() {
                return history;
              }

              @Override
              public EditLimits limits() {
                return limits;
              }

              @Override
              public boolean isGood() {
                return true;
              }

              @Override
              public void close() {
                publisher.close();
              }
            },
            store,
            Clock.systemUTC());
  }

  static IngestSettings settings(Map<String, String> own) {
    Map<String, String> given = new HashMap<>();
    given.put("kafka.bootstrap", "127.0.0.1:9");
    given.put("registry.url", "http://127.0.0.1:9");
    given.put("s3.endpoint", "http://127.0.0.1:9");
    given.put("http.host", "127.0.0.1");
    given.put("http.port", "0");
    given.putAll(own);
    return IngestSettings.of(Settings.read(IngestSettings.DECLARED, given));
  }

  int port() {
    return ingest.port();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  /** A whole request; {@code more} fields begin with a comma. */
  static String request(String id, String more) {
    return "{\"requestId\": \"%s\", \"source\": \"%s\", \"instruction\": \"remove the cat\"%s}"
        .formatted(id, SOURCE, more);
  }

  @Override
  public void close() {
    ingest.close();
  }
}
