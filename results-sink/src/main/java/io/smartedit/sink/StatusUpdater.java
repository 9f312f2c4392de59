package io.smartedit.sink;

import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditProgress;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditStatus;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.State;
import io.smartedit.events.Topics;
import io.smartedit.sink.forecast.Backlog;
import java.time.Instant;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what is known of each request, by tenant and request id, as long as the sink remembers. An
 * end is final: what comes after it changes nothing. Records come by request id alone, so that all
 * of a request meet in one partition.
 */
@NullUnmarked // Kafka calls init before process
final class StatusUpdater<V extends SpecificRecord> implements Processor<String, V, Void, Void> {

  static final String STORE = "status";

  private final RecordCheck check;
  private final Backlog backlog;
  private final Function<V, EditStatus> status;
  private final BiFunction<@Nullable EditStatus, EditStatus, EditStatus> change;
  private boolean sweeps;
  private ProcessorContext<Void, Void> context;
  private KeyValueStore<String, EditStatus> statuses;
  private OpenRequests open;

  private StatusUpdater(
      PassedOver passedOver,
      Backlog backlog,
      Function<V, EditStatus> status,
      BiFunction<@Nullable EditStatus, EditStatus, EditStatus> change) {
    this.check = new RecordCheck(passedOver);
    this.backlog = backlog;
    this.status = status;
    this.change = change;
  }

  /** Of requests. Of those that share the stores this one takes out what is too old. */
  static StatusUpdater<EditRequested> ofRequests(PassedOver passedOver, Backlog backlog) {
    StatusUpdater<EditRequested> updater =
        new StatusUpdater<>(
            passedOver,
            backlog,
            StatusUpdater::requested,
            (old, young) -> old == null ? young : old);
    updater.sweeps = true;
    return updater;
  }

  static StatusUpdater<EditProgress> ofProgress(PassedOver passedOver, Backlog backlog) {
    return new StatusUpdater<>(passedOver, backlog, StatusUpdater::running, (old, young) -> young);
  }

  static StatusUpdater<EditCompleted> ofCompleted(PassedOver passedOver, Backlog backlog) {
    return new StatusUpdater<>(
        passedOver, backlog, StatusUpdater::completed, (old, young) -> young);
  }

  static StatusUpdater<EditFailed> ofFailed(PassedOver passedOver, Backlog backlog) {
    return new StatusUpdater<>(passedOver, backlog, StatusUpdater::failed, (old, young) -> young);
  }

  /** Of those that hold a result. */
  static StatusUpdater<EditVerdict> ofVerdicts(PassedOver passedOver, Backlog backlog) {
    return new StatusUpdater<>(passedOver, backlog, StatusUpdater::held, (old, young) -> young);
  }

  @Override
  public void init(ProcessorContext<Void, Void> processorContext) {
    context = processorContext;
    statuses = context.getStateStore(STORE);
    KeyValueStore<String, String> waiting = context.getStateStore(OpenRequests.STORE);
    open = new OpenRequests(waiting, backlog, context.taskId());
    if (sweeps) {
      open.begin(Instant.ofEpochMilli(context.currentSystemTimeMs()).minus(RetentionSweep.MEMORY));
      RetentionSweep<EditStatus> sweep =
          new RetentionSweep<>(statuses, status -> status.getUpdatedAt().toEpochMilli());
      context.schedule(RetentionSweep.PAUSE, PunctuationType.WALL_CLOCK_TIME, sweep::slice);
      RetentionSweep<String> forgotten = new RetentionSweep<>(waiting, OpenRequests::millis);
      context.schedule(RetentionSweep.PAUSE, PunctuationType.WALL_CLOCK_TIME, forgotten::slice);
    }
  }

  @Override
  public void process(Record<String, V> record) {
    EditStatus young = record.value() == null ? null : status.apply(record.value());
    if (!check.passes(
        context.recordMetadata(),
        record.key(),
        young == null ? null : young.getTenant(),
        young == null ? null : young.getRequestId())) {
      return;
    }
    // The record's time and not the event's: what the sink keeps must not outlast its memory.
    Instant time = Instant.ofEpochMilli(record.timestamp());
    EditStatus.Builder builder = EditStatus.newBuilder(young).setUpdatedAt(time);
    EditStatus now =
        (young.getState() == State.REQUESTED ? builder.setQueuedAt(time) : builder).build();
    String key = Topics.idKey(young.getTenant(), young.getRequestId());
    EditStatus old = statuses.get(key);
    boolean ended = old != null && (old.getCompleted() != null || old.getFailed() != null);
    if (!ended) {
      EditStatus kept = change.apply(old, now);
      statuses.put(key, kept);
      open.moved(key, old, kept);
    }
  }

  @Override
  public void close() {
    if (sweeps) {
      open.end();
    }
  }

  private static EditStatus requested(EditRequested request) {
    return status(request.getRequestId(), request.getTenant(), State.REQUESTED)
        .setModel(request.getModel())
        .setPriority(request.getPriority().name())
        .build();
  }

  private static EditStatus running(EditProgress progress) {
    return status(progress.getRequestId(), progress.getTenant(), State.RUNNING)
        .setStep(progress.getStep())
        .setSteps(progress.getSteps())
        .build();
  }

  private static EditStatus held(EditVerdict verdict) {
    return status(verdict.getRequestId(), verdict.getTenant(), State.RUNNING)
        .setVerdict(verdict)
        .build();
  }

  private static EditStatus completed(EditCompleted event) {
    return status(event.getRequestId(), event.getTenant(), State.COMPLETED)
        .setCompleted(event)
        .build();
  }

  private static EditStatus failed(EditFailed event) {
    return status(event.getRequestId(), event.getTenant(), State.FAILED).setFailed(event).build();
  }

  private static EditStatus.Builder status(String requestId, String tenant, State state) {
    return EditStatus.newBuilder()
        .setRequestId(requestId)
        .setTenant(tenant)
        .setState(state)
        .setUpdatedAt(Instant.EPOCH);
  }
}
