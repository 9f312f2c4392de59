package io.smartedit.worker;

import io.smartedit.editor.SmartEdit;
import io.smartedit.events.Cost;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditResult;
import io.smartedit.events.Failure;
import io.smartedit.events.FailureKind;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Status;
import io.smartedit.worker.RequestDecoder.Decoded;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Makes the events that say how jobs ended. */
final class Outcomes {

  private static final int MAX_RAW = 512 << 10;
  private static final String UNKNOWN = "unknown";
  private static final double MILLIS = 1e3;

  private final WorkerSettings settings;
  private final Clock clock;

  Outcomes(WorkerSettings settings, Clock clock) {
    this.settings = settings;
    this.clock = clock;
  }

  EditOutcome edited(Job job, EditResult result) {
    return about(job).setStatus(Status.EDITED).setResult(result).build();
  }

  EditOutcome failed(Job job, JobFailedException failure) {
    return about(job)
        .setStatus(failure.status())
        .setFailure(failure(failure.kind(), String.valueOf(failure.getMessage())))
        .build();
  }

  /** A record that is no request; where it says no id that may be repeated, its place is one. */
  EditOutcome refused(ConsumerRecord<String, byte[]> record, Decoded.Refused refused) {
    byte[] bytes = record.value() == null ? new byte[0] : record.value();
    ByteBuffer raw = ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, MAX_RAW));
    String id = refused.requestId();
    String tenant = refused.tenant();
    String place = record.topic() + "-" + record.partition() + "-" + record.offset();
    return blank(id == null ? place : id, tenant == null ? UNKNOWN : tenant)
        .setStatus(Status.REJECTED)
        .setRaw(raw)
        .setFailure(failure(FailureKind.REJECTED, refused.reason()))
        .setCost(waited(record.timestamp()))
        .build();
  }

  /** What no event can say, without what came from outside. */
  EditOutcome shortened(SpecificRecord event) {
    EditOutcome.Builder outcome =
        event instanceof EditOutcome said
            ? EditOutcome.newBuilder(said)
            : about((EditRequested) event).setCost(waited(clock.millis()));
    return outcome
        .clearRequest()
        .clearRaw()
        .clearResult()
        .setStatus(Status.FAILED)
        .setFailure(failure(FailureKind.INTERNAL, "the request cannot be repeated in an event"))
        .build();
  }

  private EditOutcome.Builder about(Job job) {
    TakenRequest taken = job.taken();
    return about(taken.request()).setCost(job.times().cost(taken.attempts().begun() + 1));
  }

  private EditOutcome.Builder about(EditRequested request) {
    String tenant = request.getTenant();
    return blank(request.getRequestId(), RequestRules.isName(tenant) ? tenant : UNKNOWN)
        .setRequest(request)
        .setSeed(request.getOptions().getSeed());
  }

  private EditOutcome.Builder blank(String requestId, String tenant) {
    return EditOutcome.newBuilder()
        .setRequestId(requestId)
        .setTenant(tenant)
        .setWorker(settings.workerId())
        .setModel(settings.modelName())
        .setVersion(SmartEdit.VERSION)
        .setSeed(0)
        .setFinishedAt(clock.instant());
  }

  private Cost waited(long timestamp) {
    Instant now = clock.instant();
    double millis = (double) now.toEpochMilli() - Math.max(0, timestamp);
    return Cost.newBuilder()
        .setQueued(Math.max(0, millis / MILLIS))
        .setFetched(0)
        .setRead(0)
        .setDenoised(0)
        .setDeveloped(0)
        .setStored(0)
        .setBatch(1)
        .setAttempts(1)
        .build();
  }

  private static Failure failure(FailureKind kind, String message) {
    return Failure.newBuilder().setKind(kind).setMessage(message).build();
  }
}
