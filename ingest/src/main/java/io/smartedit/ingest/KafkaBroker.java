package io.smartedit.ingest;

import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.service.TopicFollower;
import io.smartedit.service.Traces;
import java.time.Clock;
import java.util.Map;

/** The front door's clients of a Kafka cluster. */
final class KafkaBroker implements Ingest.Broker {

  private final EventSubscriptions subscriptions = new EventSubscriptions();
  private final MetricsHistory history = new MetricsHistory();
  private final Traces traces;
  private final RequestPublisher publisher;
  private final PublishingHealth health;
  private final EventFeed feed;
  private final EditLimits limits;
  private final TopicFollower allowances;

  /**
   * @param kafka settings of a Kafka client
   * @param traces where spans of what is published go; closed with it
   */
  KafkaBroker(Map<String, Object> kafka, SchemaRegistry registry, Traces traces) {
    this.traces = traces;
    publisher = RequestPublisher.to(kafka, registry, traces.tracer());
    health = new PublishingHealth(kafka, registry);
    feed = new EventFeed(kafka, registry, subscriptions, history);
    limits = new EditLimits(registry, publisher::ask, System::nanoTime);
    allowances = new TopicFollower(kafka, Map.of(Topics.ALLOWANCES, limits), Clock.systemUTC());
    allowances.start();
  }

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
    return health.isGood();
  }

  @Override
  public void close() {
    allowances.close();
    feed.close();
    publisher.close();
    health.close();
    traces.close();
  }
}
