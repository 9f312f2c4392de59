package io.smartedit.sink;

import static java.util.Objects.requireNonNull;

import io.smartedit.events.Cost;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.EventSerializer;
import io.smartedit.events.Failure;
import io.smartedit.events.FailureKind;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Ruling;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Makes the one terminal event of a request out of its outcome, whatever the outcome says: an event
 * that every client can read and that the broker takes.
 */
final class TerminalEvents {

  /** Below what a broker takes where nobody has said anything, with room for headers. */
  static final int MAX_EVENT = 900_000;

  private static final int MAX_MESSAGE = 4000;
  private static final int MAX_RAW = 512 << 10;

  private final EventSerializer<SpecificRecord> serializer;
  private final Clock clock;

  TerminalEvents(SchemaRegistry registry, Clock clock) {
    this.serializer = new EventSerializer<>(registry);
    this.clock = clock;
  }

  /** {@link EditCompleted} or {@link EditFailed}. */
  SpecificRecord of(EditOutcome outcome) {
    EditVerdict verdict = outcome.getVerdict();
    if (verdict != null && verdict.getRuling() == Ruling.BLOCK) {
      return failed(blocked(outcome, verdict));
    }
    EditResult result = outcome.getResult();
    EditRequested request = outcome.getRequest();
    if (outcome.getStatus() != Status.EDITED || result == null || request == null) {
      return failed(outcome);
    }
    if (!RequestRules.isQuotable(request)) {
      return failed(outcome);
    }
    EditCompleted completed = completed(outcome, request, result);
    int size = size(Topics.COMPLETED, completed);
    return size <= MAX_EVENT
        ? completed
        : brief(outcome, "its event has " + size + " bytes, more than " + MAX_EVENT);
  }

  private static EditOutcome blocked(EditOutcome outcome, EditVerdict verdict) {
    String reason = verdict.getReason().isEmpty() ? "" : ": " + verdict.getReason();
    return EditOutcome.newBuilder(outcome)
        .setStatus(Status.REJECTED)
        .setFailure(
            Failure.newBuilder()
                .setKind(FailureKind.REJECTED)
                .setMessage("blocked by " + verdict.getPolicy() + reason)
                .build())
        .clearResult()
        .build();
  }

  /** An event of a few hundred bytes, in the place of one that cannot be. */
  EditFailed brief(EditOutcome outcome, String why) {
    EditResult result = outcome.getResult();
    String edited = result == null ? "" : "edited as " + result.getOutput() + "; ";
    Failure failure = failure(edited + "cannot be reported in full: " + why);
    EditOutcome small =
        EditOutcome.newBuilder(outcome)
            .setWorker(cut(outcome.getWorker()))
            .setCost(Cost.newBuilder(outcome.getCost()).clearCacheHits().build())
            .build();
    return failed(small, Status.FAILED, failure, null, null);
  }

  private EditCompleted completed(EditOutcome outcome, EditRequested request, EditResult result) {
    return EditCompleted.newBuilder()
        .setRequestId(outcome.getRequestId())
        .setTenant(outcome.getTenant())
        .setResult(result)
        .setRequest(request)
        .setCost(outcome.getCost())
        .setWorker(outcome.getWorker())
        .setModel(outcome.getModel())
        .setVersion(outcome.getVersion())
        .setFinishedAt(finishedAt(outcome))
        .setVerdict(outcome.getVerdict())
        .build();
  }

  private EditFailed failed(EditOutcome outcome) {
    EditRequested request = outcome.getRequest();
    boolean quotable = request == null || RequestRules.isQuotable(request);
    ByteBuffer raw = quotable ? outcome.getRaw() : bytes(requireNonNull(request));
    Status status = outcome.getStatus() == Status.EDITED ? Status.FAILED : outcome.getStatus();
    Failure failure = outcome.getFailure();
    EditFailed event =
        failed(
            outcome,
            status,
            failure == null
                ? failure("the worker's outcome said neither result nor reason")
                : Failure.newBuilder(failure).setMessage(cut(failure.getMessage())).build(),
            quotable ? request : null,
            raw == null || raw.remaining() <= MAX_RAW ? raw : raw.duplicate().limit(MAX_RAW));
    int size = size(Topics.FAILED, event);
    return size <= MAX_EVENT
        ? event
        : brief(outcome, event.getFailure().getMessage() + " (" + size + " bytes)");
  }

  private EditFailed failed(
      EditOutcome outcome,
      Status status,
      Failure failure,
      @Nullable EditRequested request,
      @Nullable ByteBuffer raw) {
    EditFailed.Builder event =
        EditFailed.newBuilder()
            .setRequestId(outcome.getRequestId())
            .setTenant(outcome.getTenant())
            .setStatus(status)
            .setFailure(failure)
            .setCost(outcome.getCost())
            .setWorker(outcome.getWorker())
            .setFinishedAt(finishedAt(outcome));
    if (request != null) {
      event.setRequest(request);
    }
    event.setVerdict(outcome.getVerdict());
    if (raw != null) {
      event.setRaw(raw);
    }
    return event.build();
  }

  private static Failure failure(String message) {
    return Failure.newBuilder().setKind(FailureKind.INTERNAL).setMessage(cut(message)).build();
  }

  private static String cut(String message) {
    return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE) + "...";
  }

  private Instant finishedAt(EditOutcome outcome) {
    Instant said = outcome.getFinishedAt();
    return RequestRules.isTime(said) ? said : clock.instant();
  }

  private ByteBuffer bytes(EditRequested request) {
    return ByteBuffer.wrap(requireNonNull(serializer.serialize(Topics.REQUESTED, request)));
  }

  private int size(String topic, SpecificRecord event) {
    return requireNonNull(serializer.serialize(topic, event)).length;
  }
}
