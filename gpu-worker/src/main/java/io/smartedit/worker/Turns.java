package io.smartedit.worker;

import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditResult;
import io.smartedit.events.Failure;
import io.smartedit.events.FailureKind;
import io.smartedit.events.RequestRules;
import io.smartedit.store.ObjectName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Requests whose source is another request's result, {@code request:ID}: each waits for that one,
 * takes its image, and fails with it.
 *
 * <p>Turns of a session are on one partition, so the earlier one has been answered here, is under
 * way here, or was answered by a worker before this one, in which case its image is in the store.
 * What none of these tells within the limit is not waited for any longer.
 *
 * <p>Those that wait take up no room among the requests under way; how many may wait is limited, so
 * that requests for what will never be cannot hold up the others. Thread-safe.
 */
final class Turns {

  private static final int REMEMBERED = 10_000;

  /** Also bounded by what fits a commit's metadata: 4 KiB hold over 200 open records. */
  static final int MAX_WAITING = 100;

  private static final long FIRST_LOOK = Duration.ofMillis(300).toNanos();
  private static final long LONGEST_PAUSE = Duration.ofSeconds(10).toNanos();

  private final Duration limit;
  private final List<Job> waiting = new ArrayList<>();

  /** Answers given by this worker, the newest ones. */
  private final Map<Origin, Answer> answers =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Origin, Answer> eldest) {
          return size() > REMEMBERED;
        }
      };

  /** A request that others build on; nobody can name another tenant's. */
  private record Origin(String tenant, String requestId) {}

  /** Where an image is, or why there is none. */
  private record Answer(Optional<ObjectName> image, String reason) {}

  Turns(Duration limit) {
    this.limit = limit;
  }

  /** The request that a job builds on, where it does. */
  static Optional<String> origin(Job job) {
    String source = job.request.getSource();
    return source.startsWith(RequestRules.REQUEST_SOURCE)
        ? Optional.of(source.substring(RequestRules.REQUEST_SOURCE.length()))
        : Optional.empty();
  }

  /**
   * The image that a job builds on, where an answer of this worker left it; none where it gave no
   * answer.
   *
   * @throws EditFailure if that request ended without an image
   */
  synchronized Optional<ObjectName> image(Job job, String requestId) {
    Answer answer = answers.get(new Origin(job.request.getTenant(), requestId));
    if (answer != null && answer.image.isEmpty()) {
      throw EditFailure.rejected(
          "source: request " + requestId + " ended without an image: " + answer.reason);
    }
    return answer == null ? Optional.empty() : answer.image;
  }

  /**
   * Lets a job wait until {@link #due} hands it back.
   *
   * @throws EditFailure if it has waited for longer than the limit, or too many wait
   */
  synchronized void await(Job job, String requestId) {
    long now = System.nanoTime();
    if (job.waitingSince == 0) {
      job.waitingSince = now;
    }
    if (now - job.waitingSince > limit.toNanos()) {
      throw EditFailure.failed(
          FailureKind.EXTERNAL,
          "source: no result of request %s appeared within %d s"
              .formatted(requestId, limit.toSeconds()));
    }
    if (waiting.size() >= MAX_WAITING) {
      throw EditFailure.failed(
          FailureKind.RESOURCES,
          "source: request %s has no result yet, and %d requests wait for others already"
              .formatted(requestId, MAX_WAITING));
    }
    job.nextLook = now + Math.min(LONGEST_PAUSE, Math.max(FIRST_LOOK, now - job.waitingSince));
    waiting.add(job);
  }

  /** Requests that wait for others. */
  synchronized int count() {
    return waiting.size();
  }

  /** Remembers an answer for those who build on it. */
  synchronized void answered(EditOutcome outcome) {
    EditResult result = outcome.getResult();
    Failure failure = outcome.getFailure();
    answers.put(
        new Origin(outcome.getTenant(), outcome.getRequestId()),
        new Answer(
            result == null ? Optional.empty() : Optional.of(ObjectName.parse(result.getOutput())),
            failure == null ? "" : failure.getMessage()));
  }

  /** Hands back those to be looked at again: what they wait for was answered, or it is time. */
  synchronized List<Job> due() {
    long now = System.nanoTime();
    List<Job> due =
        waiting.stream().filter(job -> now - job.nextLook >= 0 || isAnswered(job)).toList();
    waiting.removeAll(due);
    return due;
  }

  private boolean isAnswered(Job job) {
    return origin(job)
        .map(id -> answers.containsKey(new Origin(job.request.getTenant(), id)))
        .orElse(true);
  }
}
