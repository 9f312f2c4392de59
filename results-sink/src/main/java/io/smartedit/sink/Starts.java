package io.smartedit.sink;

import io.smartedit.events.EditMetrics;
import io.smartedit.events.EditStatus;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.service.EditSeconds;
import io.smartedit.service.Problem;
import io.smartedit.service.TopicFollower;
import io.smartedit.sink.forecast.Forecast;
import io.smartedit.sink.forecast.Forecast.Start;
import io.smartedit.sink.routing.Knowledge;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When requests are expected to begin, by what all instances of the sink have; follows the minutes
 * on {@code edits.metrics}. Thread-safe.
 */
final class Starts implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Starts.class);

  private final BacklogApi backlogs;
  private final Forecast forecast;
  private final TopicFollower follower;

  /**
   * @param kafka settings of a Kafka client
   */
  Starts(
      Map<String, Object> kafka,
      SchemaRegistry registry,
      Knowledge knowledge,
      BacklogApi backlogs) {
    this.backlogs = backlogs;
    Clock clock = Clock.systemUTC();
    EditSeconds seconds = new EditSeconds();
    forecast = new Forecast(knowledge.workers(), knowledge.pauses(), seconds, clock);
    EventDeserializer<EditMetrics> windows =
        new EventDeserializer<>(registry, EditMetrics.getClassSchema());
    follower =
        new TopicFollower(
            kafka,
            Map.of(
                Topics.METRICS,
                (key, value, time) -> {
                  EditMetrics window = windows.deserialize(Topics.METRICS, value);
                  Instant oldest = clock.instant().minus(EditSeconds.MEMORY);
                  if (window != null && window.getWindowEnd().isAfter(oldest)) {
                    seconds.add(window);
                  }
                }),
            clock);
  }

  void start() {
    follower.start();
  }

  /** When a request begins; empty where that cannot be said now. */
  Optional<Start> of(EditStatus status) {
    Instant came = status.getQueuedAt();
    if (came == null) {
      return Optional.empty();
    }
    try {
      return forecast.of(OpenRequests.lane(status), backlogs.lanes(came));
    } catch (Problem e) {
      LOG.debug("what waits cannot be said: {}", e.getMessage());
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    follower.close();
  }
}
