package io.smartedit.ingest;

import io.smartedit.service.EditEvent;
import io.smartedit.service.Problem;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Who follows edits at present, and the last events for those who come back. Subscriptions, what
 * waits for each, and what is remembered are bounded; to publish never waits. Thread-safe.
 */
final class EventSubscriptions implements AutoCloseable {

  private static final int MOST = 100;
  private static final int UNSENT = 512;
  private static final int REMEMBERED = 4096;

  private final Set<Subscription> subscriptions = ConcurrentHashMap.newKeySet();
  private final Deque<EditEvent> last = new ArrayDeque<>();
  private volatile boolean closed;

  /** The events of a tenant, or of one of its requests, from now on. Read by one thread. */
  final class Subscription implements AutoCloseable {

    private final String tenant;
    private final @Nullable String requestId;
    private final BlockingQueue<EditEvent> events = new ArrayBlockingQueue<>(UNSENT);
    private volatile boolean overrun;

    private Subscription(String tenant, @Nullable String requestId) {
      this.tenant = tenant;
      this.requestId = requestId;
    }

    private void offer(EditEvent event) {
      if (event.concerns(tenant, requestId) && !events.offer(event)) {
        overrun = true;
      }
    }

    /** The next event; null where none comes within a time, or none will come any more. */
    @Nullable EditEvent next(Duration patience) throws InterruptedException {
      return events.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Whether events were lost because they were not read fast enough. */
    boolean isOverrun() {
      return overrun;
    }

    boolean isOver() {
      return closed;
    }

    @Override
    public void close() {
      subscriptions.remove(this);
    }
  }

  /**
   * Begins to follow a tenant, or one of its requests.
   *
   * @param after id of the last event that was seen: those since then come first, where it is
   *     remembered
   * @throws Problem 429 where a tenant follows as often as is left for each other one; 503 where
   *     too many follow already
   */
  synchronized Subscription open(
      String tenant, @Nullable String requestId, @Nullable String after) {
    if (subscriptions.size() >= MOST) {
      throw Problem.unavailable(10, MOST + " clients follow events already.");
    }
    long own = subscriptions.stream().filter(other -> other.tenant.equals(tenant)).count();
    long free = (long) MOST - subscriptions.size();
    if (own >= free) { // so one tenant alone has half at most, and there is always room for another
      throw Problem.later(
          10, own + " clients follow events of " + tenant + " already; others need room, too.");
    }
    Subscription subscription = new Subscription(tenant, requestId);
    if (after != null) {
      Iterator<EditEvent> events = last.iterator();
      boolean found = false;
      while (events.hasNext() && !found) {
        found = events.next().id().equals(after);
      }
      events.forEachRemaining(subscription::offer);
    }
    subscriptions.add(subscription);
    return subscription;
  }

  synchronized void publish(EditEvent event) {
    if (last.size() == REMEMBERED) {
      last.removeFirst();
    }
    last.addLast(event);
    subscriptions.forEach(subscription -> subscription.offer(event));
  }

  int size() {
    return subscriptions.size();
  }

  /** Ends all subscriptions soon. */
  @Override
  public void close() {
    closed = true;
  }
}
