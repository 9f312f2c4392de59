package io.smartedit.sink.routing;

import io.smartedit.events.Cost;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.Failure;
import io.smartedit.events.FailureKind;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Status;
import io.smartedit.service.WorkerDirectory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Makes the outcomes of requests that come to no worker. */
final class Endings {

  private static final int MAX_RAW = 512 << 10;
  private static final String UNKNOWN = "unknown";
  private static final String NOBODY = "results-sink";
  private static final double MILLIS = 1e3;

  private Endings() {}

  static EditOutcome rejected(EditRequested request, String reason, Instant now) {
    return about(request, Status.REJECTED, reason, now);
  }

  private static EditOutcome cancelled(EditRequested request, Instant now) {
    return about(request, Status.CANCELLED, "cancelled by the client", now);
  }

  private static EditOutcome expired(EditRequested request, Instant now) {
    return about(request, Status.EXPIRED, "its deadline passed before it was begun", now);
  }

  /** Of a request that need not be edited any more: it is withdrawn, or too late. */
  static Optional<EditOutcome> unwanted(
      EditRequested request, Predicate<EditRequested> withdrawn, Instant now) {
    if (withdrawn.test(request)) {
      return Optional.of(cancelled(request, now));
    }
    return request.getDeadline() != null && now.isAfter(request.getDeadline())
        ? Optional.of(expired(request, now))
        : Optional.empty();
  }

  /** Where a record lies, which stands for its id where it has none. */
  static String place(String topic, int partition, long offset) {
    return topic + "-" + partition + "-" + offset;
  }

  /** Why a request is rejected whose model nobody serves. */
  static String unserved(String model, Duration patience, WorkerDirectory workers) {
    String served = String.join(", ", workers.served().keySet());
    return "model is %s, which no worker has announced for %d s; announced %s"
        .formatted(model, patience.toSeconds(), served.isEmpty() ? "is none" : "are: " + served);
  }

  /**
   * Of a record that is no request.
   *
   * @param place stands for its id
   */
  static EditOutcome unreadable(String place, byte @Nullable [] value, String reason, Instant now) {
    byte[] bytes = value == null ? new byte[0] : value;
    return outcome(place, UNKNOWN, Status.REJECTED, reason, now)
        .setRaw(ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, MAX_RAW)))
        .setCost(waited(Duration.ZERO))
        .build();
  }

  private static EditOutcome about(
      EditRequested request, Status status, String reason, Instant now) {
    String tenant = request.getTenant();
    String model = request.getModel();
    return outcome(
            request.getRequestId(),
            RequestRules.isName(tenant) ? tenant : UNKNOWN,
            status,
            reason,
            now)
        .setRequest(request)
        .setModel(model != null && RequestRules.isName(model) ? model : UNKNOWN)
        .setSeed(request.getOptions().getSeed())
        .setCost(waited(Duration.between(request.getRequestedAt(), now)))
        .build();
  }

  private static EditOutcome.Builder outcome(
      String id, String tenant, Status status, String reason, Instant now) {
    return EditOutcome.newBuilder()
        .setRequestId(id)
        .setTenant(tenant)
        .setStatus(status)
        .setFailure(Failure.newBuilder().setKind(FailureKind.REJECTED).setMessage(reason).build())
        .setWorker(NOBODY)
        .setModel(UNKNOWN)
        .setVersion("")
        .setSeed(0)
        .setFinishedAt(now);
  }

  private static Cost waited(Duration queued) {
    return Cost.newBuilder()
        .setQueued(Math.max(0, queued.toSeconds() + queued.toMillisPart() / MILLIS))
        .setFetched(0)
        .setRead(0)
        .setDenoised(0)
        .setDeveloped(0)
        .setStored(0)
        .setBatch(1)
        .setAttempts(1)
        .build();
  }
}
