package io.smartedit.sink;

import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditProgress;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditStatus;
import io.smartedit.events.State;
import java.time.Instant;
import java.util.function.BiFunction;
import java.util.function.Function;
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
final class StatusKeeper<V> implements Processor<String, V, Void, Void> {

  static final String STORE = "status";

  private final Function<V, String> tenant;
  private final BiFunction<@Nullable EditStatus, V, EditStatus> change;
  private boolean forgets;
  private KeyValueStore<String, EditStatus> statuses;

  /** {@code change} makes the new status of the old one, which may be missing. */
  StatusKeeper(Function<V, String> tenant, BiFunction<@Nullable EditStatus, V, EditStatus> change) {
    this.tenant = tenant;
    this.change = change;
  }

  /** Of those that share the store one takes out what is too old. */
  StatusKeeper<V> forgetting() {
    forgets = true;
    return this;
  }

  /** Under which a request is kept; neither part has a slash where it is proper. */
  static String key(String tenant, String requestId) {
    return tenant + "/" + requestId;
  }

  @Override
  public void init(ProcessorContext<Void, Void> context) {
    statuses = context.getStateStore(STORE);
    if (forgets) {
      Forgetting<EditStatus> forgetting =
          new Forgetting<>(statuses, status -> status.getUpdatedAt().toEpochMilli());
      context.schedule(Forgetting.PAUSE, PunctuationType.WALL_CLOCK_TIME, forgetting::slice);
    }
  }

  @Override
  public void process(Record<String, V> record) {
    String key = key(tenant.apply(record.value()), record.key());
    EditStatus before = statuses.get(key);
    boolean ended = before != null && (before.getCompleted() != null || before.getFailed() != null);
    if (!ended) {
      statuses.put(key, change.apply(before, record.value()));
    }
  }

  static EditStatus requested(@Nullable EditStatus before, EditRequested request) {
    return before != null
        ? before
        : status(request.getRequestId(), request.getTenant(), State.REQUESTED)
            .setUpdatedAt(request.getRequestedAt())
            .build();
  }

  static EditStatus running(@Nullable EditStatus before, EditProgress progress) {
    return status(progress.getRequestId(), progress.getTenant(), State.RUNNING)
        .setStep(progress.getStep())
        .setSteps(progress.getSteps())
        .setUpdatedAt(progress.getAt())
        .build();
  }

  static EditStatus completed(@Nullable EditStatus before, EditCompleted event) {
    return status(event.getRequestId(), event.getTenant(), State.COMPLETED)
        .setCompleted(event)
        .setUpdatedAt(event.getFinishedAt())
        .build();
  }

  static EditStatus failed(@Nullable EditStatus before, EditFailed event) {
    return status(event.getRequestId(), event.getTenant(), State.FAILED)
        .setFailed(event)
        .setUpdatedAt(event.getFinishedAt())
        .build();
  }

  private static EditStatus.Builder status(String requestId, String tenant, State state) {
    return EditStatus.newBuilder()
        .setRequestId(requestId)
        .setTenant(tenant)
        .setState(state)
        .setUpdatedAt(Instant.EPOCH);
  }
}
