package io.smartedit.sink.routing;

import io.smartedit.events.EditRequested;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.service.Pauses;
import io.smartedit.service.TopicFollower;
import io.smartedit.service.WorkerDirectory;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What is known of workers, of what rests, and of requests that nobody wants any more; every
 * instance of the sink follows all of it. Thread-safe.
 */
public final class Knowledge implements AutoCloseable {

  private final Facts facts;
  private final TopicFollower follower;

  /**
   * What routes are chosen by.
   *
   * @param withdrawn whether nobody wants a request any more
   * @param since when the others have been known without a gap; empty while they are not
   */
  record Facts(
      WorkerDirectory workers,
      Pauses pauses,
      Predicate<EditRequested> withdrawn,
      Supplier<Optional<Instant>> since) {}

  /**
   * @param kafka settings of a Kafka client
   */
  public Knowledge(Map<String, Object> kafka, SchemaRegistry registry, Clock clock) {
    WorkerDirectory workers = new WorkerDirectory(registry, clock);
    Withdrawals withdrawals = new Withdrawals(registry);
    Map<String, TopicFollower.Reader> readers = new HashMap<>(withdrawals.readers());
    readers.put(Topics.WORKERS, workers);
    Pauses pauses = new Pauses(registry);
    readers.put(Topics.PAUSES, pauses);
    follower = new TopicFollower(kafka, readers, clock);
    facts = new Facts(workers, pauses, withdrawals::contains, follower::knownSince);
  }

  /** Begins to follow. */
  public void start() {
    follower.start();
  }

  /** Who serves what. */
  public WorkerDirectory workers() {
    return facts.workers();
  }

  /** What rests. */
  public Pauses pauses() {
    return facts.pauses();
  }

  /** Whether nobody wants a request any more. */
  public boolean isWithdrawn(EditRequested request) {
    return facts.withdrawn().test(request);
  }

  Facts facts() {
    return facts;
  }

  @Override
  public void close() {
    follower.close();
  }
}
