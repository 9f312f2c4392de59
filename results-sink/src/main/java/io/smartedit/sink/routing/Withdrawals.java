package io.smartedit.sink.routing;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.smartedit.events.BatchAction;
import io.smartedit.events.BatchCommand;
import io.smartedit.events.EditCancelled;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EventDeserializer;
import io.smartedit.events.RequestRules;
import io.smartedit.events.SchemaRegistry;
import io.smartedit.events.Topics;
import io.smartedit.service.TopicFollower;
import java.util.Map;

/** The requests, and the batches of requests, that nobody wants any more. Thread-safe. */
final class Withdrawals {

  private static final int REMEMBERED = 100_000;

  private final EventDeserializer<EditCancelled> cancellations;
  private final EventDeserializer<BatchCommand> commands;

  /** The newest ones, by tenant and id. */
  private final Cache<String, Boolean> requests =
      Caffeine.newBuilder().maximumSize(REMEMBERED).build();

  private final Cache<String, Boolean> batches =
      Caffeine.newBuilder().maximumSize(REMEMBERED).build();

  Withdrawals(SchemaRegistry registry) {
    cancellations = new EventDeserializer<>(registry, EditCancelled.getClassSchema());
    commands = new EventDeserializer<>(registry, BatchCommand.getClassSchema());
  }

  /** What has to be read for them, by topic. */
  Map<String, TopicFollower.Reader> readers() {
    return Map.of(
        Topics.CANCELLED,
        (key, value, time) -> {
          EditCancelled event = cancellations.deserialize(Topics.CANCELLED, value);
          if (event != null && areNames(event.getTenant(), event.getRequestId())) {
            requests.put(Topics.idKey(event.getTenant(), event.getRequestId()), true);
          }
        },
        Topics.BATCH_COMMANDS,
        (key, value, time) -> {
          BatchCommand command = commands.deserialize(Topics.BATCH_COMMANDS, value);
          if (command != null
              && command.getAction() == BatchAction.CANCEL
              && areNames(command.getTenant(), command.getBatch())) {
            batches.put(Topics.batchKey(command.getTenant(), command.getBatch()), true);
          }
        });
  }

  /** No request is called anything else, and what is remembered is bounded by this. */
  private static boolean areNames(String tenant, String id) {
    return RequestRules.isName(tenant) && RequestRules.isName(id);
  }

  /** Whether a request is withdrawn, by itself or with its batch. */
  boolean contains(EditRequested request) {
    String batch = request.getBatch();
    return requests.getIfPresent(Topics.idKey(request.getTenant(), request.getRequestId())) != null
        || (batch != null
            && batches.getIfPresent(Topics.batchKey(request.getTenant(), batch)) != null);
  }
}
