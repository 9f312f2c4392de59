package io.smartedit.sink;

import io.smartedit.events.BatchLine;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditOutcome;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditStatus;
import io.smartedit.events.Status;
import io.smartedit.events.Topics;
import java.time.Instant;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * The topology's step from an outcome to the end of its batch's line. It comes after the request's
 * status is kept, and says of the line what stands there: a second outcome of a request, as of two
 * lines with one id, ends its line as the first did.
 */
@NullUnmarked // Kafka calls init before process
final class LineEnds implements Processor<String, EditOutcome, String, BatchLine> {

  private ProcessorContext<String, BatchLine> context;
  private KeyValueStore<String, EditStatus> statuses;

  /** What a request is of its batch, where it belongs to one. */
  static BatchLine line(EditRequested request) {
    return BatchLine.newBuilder()
        .setBatch(request.getBatch())
        .setTenant(request.getTenant())
        .setLine(request.getBatchLine())
        .setRequestId(request.getRequestId())
        .setRequestedAt(request.getRequestedAt())
        .setUpdatedAt(Instant.EPOCH)
        .build();
  }

  @Override
  public void init(ProcessorContext<String, BatchLine> processorContext) {
    context = processorContext;
    statuses = context.getStateStore(StatusUpdater.STORE);
  }

  @Override
  public void process(Record<String, EditOutcome> record) {
    EditOutcome outcome = record.value();
    EditRequested request = outcome == null ? null : outcome.getRequest();
    if (request == null || request.getBatch() == null || !SinkTopology.isProper(request)) {
      return;
    }
    EditStatus status = statuses.get(Topics.idKey(outcome.getTenant(), outcome.getRequestId()));
    BatchLine end = status == null ? null : end(line(request), status);
    if (end != null) {
      context.forward(
          record.withKey(Topics.batchKey(end.getTenant(), end.getBatch())).withValue(end));
    }
  }

  private static @Nullable BatchLine end(BatchLine line, EditStatus status) {
    EditCompleted completed = status.getCompleted();
    if (completed != null) {
      return BatchLine.newBuilder(line)
          .setStatus(Status.EDITED)
          .setResult(completed.getResult())
          .build();
    }
    EditFailed failed = status.getFailed();
    return failed == null
        ? null
        : BatchLine.newBuilder(line)
            .setStatus(failed.getStatus())
            .setFailure(failed.getFailure())
            .build();
  }
}
