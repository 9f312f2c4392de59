package io.smartedit.ingest;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.smartedit.ingest.EventSubscriptions.Subscription;
import io.smartedit.service.EditEvent;
import io.smartedit.service.Problem;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The API's server-sent events: those of one edit until its end, or of all of a tenant's edits for
 * as long as the client reads them.
 */
final class EventApi {

  private static final Logger LOG = LoggerFactory.getLogger(EventApi.class);
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final String DROPPED =
      "event: dropped\ndata: {\"detail\":\"Events came faster than they were read, and some are"
          + " lost; ask for the status of your edits.\"}\n\n";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> ENDS = Set.of("COMPLETED", "FAILED");

  private final ApiKeys keys;
  private final StatusClient statuses;
  private final EventSubscriptions subscriptions;

  EventApi(ApiKeys keys, StatusClient statuses, EventSubscriptions subscriptions) {
    this.keys = keys;
    this.statuses = statuses;
    this.subscriptions = subscriptions;
  }

  void addTo(RoutesConfig routes) {
    routes.get("/v1/events", this::ofTenant);
    routes.get("/v1/edits/{id}/events", this::ofEdit);
  }

  private void ofTenant(Context context) throws IOException {
    ApiRequest request = ApiRequest.of(context, keys);
    send(context, request, request.tenant(), null);
  }

  private void ofEdit(Context context) throws IOException {
    ApiRequest request = ApiRequest.of(context, keys);
    String tenant = request.tenant();
    send(context, request, tenant, request.id());
  }

  private void send(Context context, ApiRequest request, String tenant, @Nullable String id)
      throws IOException {
    String after = request.header("Last-Event-ID");
    try (Subscription subscription = subscriptions.open(tenant, id, after)) {
      context
          .contentType("text/event-stream")
          .header("Cache-Control", "no-store")
          .header("X-Accel-Buffering", "no"); // nginx would hold events back
      // The servlet's own stream: Javalin's would compress, and hold events back.
      OutputStream out = context.res().getOutputStream();
      boolean ended = id != null && opening(out, tenant, id);
      if (!ended) {
        write(out, ": follows\n\n");
        follow(out, subscription, id != null);
      }
    } catch (IOException e) {
      LOG.debug("a client that followed events has gone", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Tells how an edit stands, where that is known; whether that is its end. */
  private boolean opening(OutputStream out, String tenant, String id) throws IOException {
    try {
      String status = new String(statuses.status(tenant, id), StandardCharsets.UTF_8);
      write(out, "event: status\ndata: " + status.replace('\n', ' ') + "\n\n");
      return ENDS.contains(JSON.readTree(status).path("state").asText());
    } catch (Problem e) {
      return false; // the sink has not heard of it, or is away; events come all the same
    }
  }

  private static void follow(OutputStream out, Subscription subscription, boolean one)
      throws IOException, InterruptedException {
    long quiet = 0;
    while (!subscription.isOver()) {
      EditEvent event = subscription.next(LOOK);
      if (event != null) {
        quiet = 0;
        write(
            out,
            "id: %s\nevent: %s\ndata: %s\n\n".formatted(event.id(), event.type(), event.data()));
        if (one && event.isTerminal()) {
          return;
        }
      } else if (subscription.isOverrun()) { // all that was kept is sent
        write(out, DROPPED);
        return;
      } else {
        quiet += LOOK.toMillis();
      }
      if (quiet >= HEARTBEAT.toMillis()) {
        quiet = 0;
        write(out, ": still here\n\n");
      }
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
