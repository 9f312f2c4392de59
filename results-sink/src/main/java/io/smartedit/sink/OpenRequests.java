package io.smartedit.sink;

import io.smartedit.events.EditStatus;
import io.smartedit.events.Priority;
import io.smartedit.events.State;
import io.smartedit.sink.forecast.Backlog;
import io.smartedit.sink.forecast.Lane;
import java.time.Instant;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one task that have not begun: a small store beside that of all statuses, so that
 * the backlog is known again soon after a restart. Used by the stream's thread.
 */
final class OpenRequests {

  static final String STORE = "open-requests";

  private final KeyValueStore<String, String> store;
  private final Backlog backlog;
  private final TaskId task;

  OpenRequests(KeyValueStore<String, String> store, Backlog backlog, TaskId task) {
    this.store = store;
    this.backlog = backlog;
    this.task = task;
  }

  /** Tells the backlog what the store has, but for what came before a time. */
  void begin(Instant oldest) {
    backlog.begin(task);
    try (KeyValueIterator<String, String> all = store.all()) {
      while (all.hasNext()) {
        KeyValue<String, String> entry = all.next();
        if (millis(entry.value) >= oldest.toEpochMilli()) {
          String[] parts = entry.value.split("/", -1);
          String tenant = entry.key.substring(0, entry.key.indexOf('/'));
          backlog.add(
              task, new Lane(parts[0], Priority.valueOf(parts[1]), tenant), millis(entry.value));
        }
      }
    }
  }

  /** When a request came, by its entry. */
  static long millis(String entry) {
    return Long.parseLong(entry.substring(entry.lastIndexOf('/') + 1));
  }

  /** Takes what a request's status was, and what it is now. */
  void moved(String key, @Nullable EditStatus old, EditStatus now) {
    if (old == null && waits(now)) {
      Lane lane = lane(now);
      long millis = now.getQueuedAt().toEpochMilli();
      store.put(key, lane.model() + "/" + lane.priority() + "/" + millis); // no name has a slash
      backlog.add(task, lane, millis);
    } else if (old != null && waits(old) && !waits(now)) {
      store.delete(key);
      backlog.remove(task, lane(old), old.getQueuedAt().toEpochMilli());
    }
  }

  private static boolean waits(EditStatus status) {
    return status.getState() == State.REQUESTED && status.getQueuedAt() != null;
  }

  /** Whose turn a request is in. */
  static Lane lane(EditStatus status) {
    String model = status.getModel();
    return new Lane(
        model == null ? "" : model, Priority.valueOf(status.getPriority()), status.getTenant());
  }

  void end() {
    backlog.forget(task);
  }
}
