package io.smartedit.sink.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.events.BatchCompleted;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditVerdict;
import io.smartedit.events.ImageDeleted;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Topics;
import io.smartedit.service.EditEvent;
import java.time.Instant;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * What a webhook tells: the end of an edit or of a batch, that a result is held, or that an image
 * was deleted.
 *
 * @param id the same whenever the same event is told
 * @param about within which messages keep their order: a request's id, a batch's, or an upload's
 *     name
 * @param webhook that the request names, if any
 * @param body JSON
 */
record WebhookMessage(
    String id, String tenant, String about, Instant at, @Nullable String webhook, String body) {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ID = 32;

  /** Of an event; empty for one that is told to nobody. */
  static Optional<WebhookMessage> of(@Nullable SpecificRecord event) {
    Optional<WebhookMessage> message = Optional.empty();
    if (event instanceof EditCompleted completed) {
      String webhook = completed.getRequest().getWebhook();
      message = edit(completed, completed.getFinishedAt(), webhook, "");
    } else if (event instanceof EditFailed failed) {
      EditRequested request = failed.getRequest();
      String webhook = request == null ? null : request.getWebhook();
      message = edit(failed, failed.getFinishedAt(), webhook, "");
    } else if (event instanceof EditVerdict verdict) {
      message = edit(verdict, verdict.getAt(), null, verdict.getAt().toString());
    } else if (event instanceof BatchCompleted batch) {
      message = Optional.of(batch(batch));
    } else if (event instanceof ImageDeleted deleted) {
      message = Optional.of(deletion(deleted));
    }
    return message.filter(
        each -> RequestRules.isName(each.tenant()) && RequestRules.isName(each.about()));
  }

  private static Optional<WebhookMessage> edit(
      SpecificRecord event, Instant at, @Nullable String webhook, String which) {
    return EditEvent.of("", event)
        .map(
            told ->
                message(
                    "edit." + told.type(),
                    new Subject(told.tenant(), told.requestId(), which),
                    at,
                    webhook,
                    tree(told.data())));
  }

  private static WebhookMessage batch(BatchCompleted batch) {
    ObjectNode data =
        JSON.createObjectNode()
            .put("batch", batch.getBatch())
            .put("tenant", batch.getTenant())
            .put("lines", batch.getLines())
            .put("refused", batch.getRefused())
            .put("cancelled", batch.getCancelled())
            .put("openedAt", batch.getOpenedAt().toString())
            .put("at", batch.getFinishedAt().toString());
    batch.getCounts().forEach(data.putObject("counts")::put);
    String which = batch.getFinishedAt().toString(); // a batch that is sent again ends again
    Subject subject = new Subject(batch.getTenant(), batch.getBatch(), which);
    return message("batch.completed", subject, batch.getFinishedAt(), null, data);
  }

  private static WebhookMessage deletion(ImageDeleted deleted) {
    ObjectNode data =
        JSON.createObjectNode()
            .put("object", deleted.getObject())
            .put("tenant", deleted.getTenant())
            .put("reason", deleted.getReason())
            .put("at", deleted.getAt().toString());
    String object = deleted.getObject();
    String about = object.substring(object.lastIndexOf('/') + 1);
    if (!deleted.getRequestId().isEmpty()) {
      about = deleted.getRequestId();
      data.put("requestId", about);
    }
    Subject subject = new Subject(deleted.getTenant(), about, object + deleted.getAt());
    return message("image.deleted", subject, deleted.getAt(), null, data);
  }

  /** {@code which} of several events of a type. */
  private record Subject(String tenant, String about, String which) {}

  private static WebhookMessage message(
      String type, Subject subject, Instant at, @Nullable String webhook, JsonNode data) {
    String what = Topics.idKey(subject.tenant(), subject.about()) + "/" + type + subject.which();
    ObjectNode body = JSON.createObjectNode().put("type", type);
    body.put("timestamp", data.path("at").asText()).set("data", data);
    return new WebhookMessage(
        "msg_" + DigestUtils.sha256Hex(what).substring(0, ID),
        subject.tenant(),
        subject.about(),
        at,
        webhook,
        body.toString());
  }

  private static JsonNode tree(String data) {
    try {
      return JSON.readTree(data);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an event is always JSON", e);
    }
  }
}
