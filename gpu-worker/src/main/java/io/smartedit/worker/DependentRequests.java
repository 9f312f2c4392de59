package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditResult;
import io.smartedit.events.Failure;
import io.smartedit.events.FailureKind;
import io.smartedit.store.ObjectName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Requests whose source is another request's result, {@code request:ID}: each waits for that one,
 * takes its image, and fails with it.
 *
 * <p>Requests of a session are on one partition, so the earlier one has been answered here, is
 * under way here, or was answered by a worker before this one, in which case its image is in the
 * store. What none of these tells within the limit is not waited for any longer.
 *
 * <p>Those that wait take up no room among the requests under way. There may be so many of them
 * that no more are taken from Kafka until some are done. Thread-safe.
 */
final class DependentRequests implements JobEndings.Listener {

  private static final int REMEMBERED = 10_000;
  private static final int MAX_WAITING = 5_000;
  private static final long FIRST_LOOK = Duration.ofMillis(300).toNanos();
  private static final long LONGEST_PAUSE = Duration.ofSeconds(10).toNanos();

  private final Duration limit;
  private final Ticker ticker;
  private final List<Waiting> waiting = new ArrayList<>();

  /** The first answers given by this worker, the newest ones. */
  private final Cache<Origin, Answer> answers =
      Caffeine.newBuilder().maximumSize(REMEMBERED).build();

  /** A request that others build on; nobody can name another tenant's. */
  private record Origin(String tenant, String requestId) {}

  /** Where an image is, or why there is none. */
  private record Answer(Optional<ObjectName> image, String reason) {}

  /** A job that waits: since when, and when the store is asked again. */
  private record Waiting(Job job, Origin origin, long since, long nextLook) {}

  DependentRequests(Duration limit, Ticker ticker) {
    this.limit = limit;
    this.ticker = ticker;
  }

  /**
   * The image that a request builds on, where an answer of this worker left it; none where it gave
   * no answer.
   *
   * @throws JobFailedException if that request ended without an image
   */
  Optional<ObjectName> image(TakenRequest taken, String requestId) {
    Answer answer = answers.getIfPresent(new Origin(taken.request().getTenant(), requestId));
    if (answer != null && answer.image().isEmpty()) {
      throw JobFailedException.rejected(
          "source: request " + requestId + " ended without an image: " + answer.reason());
    }
    return answer == null ? Optional.empty() : answer.image();
  }

  /**
   * Lets a job wait until {@link #due} hands it back.
   *
   * @throws JobFailedException if it has waited for longer than the limit
   */
  synchronized void await(Job job, String requestId) {
    long now = ticker.read();
    long since = job.waitsSince(now);
    if (now - since > limit.toNanos()) {
      throw JobFailedException.failed(
          FailureKind.EXTERNAL,
          "source: no result of request %s appeared within %d s"
              .formatted(requestId, limit.toSeconds()),
          null);
    }
    if (job.moveTo(JobState.WAITING)) {
      Origin origin = new Origin(job.taken().request().getTenant(), requestId);
      long pause = Math.min(LONGEST_PAUSE, Math.max(FIRST_LOOK, now - since));
      waiting.add(new Waiting(job, origin, since, now + pause));
    }
  }

  /** Whether so many wait that nothing more is to be taken. */
  synchronized boolean isFull() {
    return waiting.size() >= MAX_WAITING;
  }

  /** Remembers how an edit first ended for those who build on it. */
  @Override
  public void answered(Job job, EditOutcome outcome, boolean firstOfItsId) {
    if (!firstOfItsId) {
      return;
    }
    EditResult result = outcome.getResult();
    Failure failure = outcome.getFailure();
    Answer answer =
        new Answer(
            result == null ? Optional.empty() : Optional.of(ObjectName.parse(result.getOutput())),
            failure == null ? "" : failure.getMessage());
    answers.asMap().putIfAbsent(new Origin(outcome.getTenant(), outcome.getRequestId()), answer);
  }

  /** Hands back those to be looked at again: what they wait for was answered, or it is time. */
  synchronized List<Job> due() {
    if (waiting.isEmpty()) {
      return List.of();
    }
    long now = ticker.read();
    List<Waiting> due = new ArrayList<>();
    waiting.removeIf(one -> isDue(one, now) && due.add(one));
    return due.stream().map(Waiting::job).filter(job -> job.moveTo(JobState.TAKEN)).toList();
  }

  private boolean isDue(Waiting one, long now) {
    return one.job().hasEnded()
        || now - one.nextLook() >= 0
        || answers.getIfPresent(one.origin()) != null;
  }
}
