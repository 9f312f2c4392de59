package io.smartedit.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.ingest.EventSubscriptions.Subscription;
import io.smartedit.service.EditEvent;
import io.smartedit.service.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the end of one edit: follows its events from before it is requested on, and asks for
 * its status where they are quiet. Used by one thread.
 */
final class EditEnds implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration QUIET = Duration.ofSeconds(5);

  private final String tenant;
  private final String requestId;
  private final StatusClient statuses;
  private final Subscription subscription;

  EditEnds(
      String tenant, String requestId, StatusClient statuses, EventSubscriptions subscriptions) {
    this.tenant = tenant;
    this.requestId = requestId;
    this.statuses = statuses;
    subscription = subscriptions.open(tenant, requestId, null);
  }

  /** Its end; empty where it has none until a moment of {@link System#nanoTime}. */
  Optional<EditEnd> await(long end) throws InterruptedException {
    for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
      EditEvent event = subscription.next(least(Duration.ofNanos(left), QUIET));
      JsonNode told = event == null ? standing() : terminal(event);
      if (told != null) {
        return Optional.of(EditEnd.of(told));
      }
      if (subscription.isOver()) {
        throw Problem.unavailable(5, "The service ends; the edit goes on.");
      }
    }
    return Optional.empty();
  }

  private static Duration least(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static @Nullable JsonNode terminal(EditEvent event) {
    return event.isTerminal() ? read(event.data()) : null;
  }

  /** Its status, where it has ended; an earlier request of the id may have, long ago. */
  private @Nullable JsonNode standing() {
    try {
      JsonNode status =
          read(new String(statuses.status(tenant, requestId), StandardCharsets.UTF_8));
      String state = status.path("state").asText();
      return state.equals("COMPLETED") || state.equals("FAILED") ? status : null;
    } catch (Problem e) {
      return null; // the sink has not heard of it, or is away; the event comes all the same
    }
  }

  private static JsonNode read(String json) {
    try {
      return JSON.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException("the sink's answer is not JSON", e);
    }
  }

  @Override
  public void close() {
    subscription.close();
  }
}
