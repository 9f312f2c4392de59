package io.smartedit.worker;

import io.smartedit.editor.SmartEdit;
import io.smartedit.events.Cost;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditResult;
import io.smartedit.events.Failure;
import io.smartedit.events.FailureKind;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Status;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Puts outcomes into words. */
final class Outcomes {

  private static final int MAX_RAW = 512 << 10;
  private static final String UNKNOWN = "unknown";

  private final WorkerSettings settings;
  private final Clock clock;

  Outcomes(WorkerSettings settings, Clock clock) {
    this.settings = settings;
    this.clock = clock;
  }

  EditOutcome edited(Job job, EditResult result) {
    return about(job).setStatus(Status.EDITED).setResult(result).build();
  }

  EditOutcome failed(Job job, EditFailure failure) {
    return about(job)
        .setStatus(failure.status())
        .setFailure(failure(failure.kind(), String.valueOf(failure.getMessage())))
        .build();
  }

  /** A record that is no request; its id says where it lay. */
  EditOutcome undecodable(ConsumerRecord<String, byte[]> record, String why) {
    byte[] bytes = record.value() == null ? new byte[0] : record.value();
    ByteBuffer raw = ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, MAX_RAW));
    return blank(record.topic() + "-" + record.partition() + "-" + record.offset(), UNKNOWN)
        .setStatus(Status.REJECTED)
        .setRaw(raw)
        .setFailure(failure(FailureKind.REJECTED, why))
        .setCost(
            new Stopwatch(clock, Instant.ofEpochMilli(Math.max(0, record.timestamp()))).cost(1, 1))
        .build();
  }

  private EditOutcome.Builder about(Job job) {
    String tenant = job.request.getTenant();
    return blank(job.request.getRequestId(), RequestRules.isName(tenant) ? tenant : UNKNOWN)
        .setRequest(job.request)
        .setSeed(job.request.getOptions().getSeed())
        .setCost(cost(job));
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

  private static Cost cost(Job job) {
    return job.watch.cost(job.batch, job.attempt);
  }

  private static Failure failure(FailureKind kind, String message) {
    return Failure.newBuilder().setKind(kind).setMessage(message).build();
  }
}
