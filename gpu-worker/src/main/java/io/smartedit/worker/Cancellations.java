package io.smartedit.worker;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.smartedit.events.BatchAction;
import io.smartedit.events.BatchCommand;
import io.smartedit.events.EditCancelled;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.RequestRules;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.service.Pauses;
import io.smartedit.service.TopicFollower;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The requests that are not wanted, any more or for now: follows {@code edits.cancelled}, {@code
 * edits.batches.commands} and {@code edits.pauses} from their beginning, whatever lies there, and
 * however often broker or registry are away. May be asked from any thread.
 */
final class Cancellations implements AutoCloseable {

  private static final int REMEMBERED = 100_000;

  private final TopicFollower follower;
  private final Pauses pauses;
  private volatile boolean known;

  /** The newest ones. */
  private final Cache<Request, Boolean> requests =
      Caffeine.newBuilder().maximumSize(REMEMBERED).build();

  /** Batches that rest or are cancelled, and which of both. */
  private final Cache<Batch, BatchAction> batches =
      Caffeine.newBuilder().maximumSize(REMEMBERED).build();

  private record Request(String tenant, String id) {}

  private record Batch(String tenant, String id) {}

  /** Owns the consumer. */
  Cancellations(Consumer<String, byte[]> consumer, SchemaRegistry registry, Clock clock) {
    EventDeserializer<EditCancelled> cancelled =
        new EventDeserializer<>(registry, EditCancelled.getClassSchema());
    EventDeserializer<BatchCommand> commands =
        new EventDeserializer<>(registry, BatchCommand.getClassSchema());
    pauses = new Pauses(registry);
    follower =
        new TopicFollower(
            consumer,
            Map.of(
                Topics.CANCELLED,
                (key, value, time) -> note(cancelled.deserialize(Topics.CANCELLED, value)),
                Topics.BATCH_COMMANDS,
                (key, value, time) -> obey(commands.deserialize(Topics.BATCH_COMMANDS, value)),
                Topics.PAUSES,
                pauses),
            clock);
  }

  void start() {
    follower.start();
  }

  /** Whether all that were there at the start are known; once they are, they stay so. */
  boolean isKnown() {
    known = known || follower.knownSince().isPresent();
    return known;
  }

  /** Whether a request is cancelled, by itself or with its batch. */
  boolean contains(TakenRequest taken) {
    Request request = new Request(taken.request().getTenant(), taken.requestId());
    return requests.getIfPresent(request) != null || last(taken) == BatchAction.CANCEL;
  }

  /** Where a request waits, if it rests with its batch, its tenant, its model or everything. */
  Optional<Parking> resting(TakenRequest taken) {
    if (last(taken) == BatchAction.PAUSE) {
      return Optional.of(Parking.BATCH);
    }
    return pauses.of(taken.request()).map(paused -> Parking.PAUSE);
  }

  private @Nullable BatchAction last(TakenRequest taken) {
    String batch = taken.request().getBatch();
    return batch == null
        ? null
        : batches.getIfPresent(new Batch(taken.request().getTenant(), batch));
  }

  @Override
  public void close() {
    follower.close();
  }

  private void note(@Nullable EditCancelled cancelled) {
    if (cancelled != null && areNames(cancelled.getTenant(), cancelled.getRequestId())) {
      requests.put(new Request(cancelled.getTenant(), cancelled.getRequestId()), true);
    }
  }

  /** A cancelled batch stays so. */
  private void obey(@Nullable BatchCommand command) {
    if (command == null || !areNames(command.getTenant(), command.getBatch())) {
      return;
    }
    Batch batch = new Batch(command.getTenant(), command.getBatch());
    switch (command.getAction()) {
      case CANCEL -> batches.put(batch, BatchAction.CANCEL);
      case PAUSE -> batches.asMap().putIfAbsent(batch, BatchAction.PAUSE);
      case RESUME -> batches.asMap().remove(batch, BatchAction.PAUSE);
      case SEAL, UNKNOWN -> {} // the sink's
    }
  }

  /** No request is called anything else, and what is remembered is bounded by this. */
  private static boolean areNames(String tenant, String id) {
    return RequestRules.isName(tenant) && RequestRules.isName(id);
  }
}
