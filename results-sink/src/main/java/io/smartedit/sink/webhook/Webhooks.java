package io.smartedit.sink.webhook;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditRequested;
import io.smartedit.events.OutgoingCall;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Topics;
import io.smartedit.service.EditEvent;
import io.smartedit.sink.calls.CallRefusedException;
import io.smartedit.sink.calls.Correspondent;
import io.smartedit.sink.calls.Reply;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.apache.avro.specific.SpecificRecord;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * The receivers of webhooks, as Standard Webhooks describes them
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 */
final class Webhooks implements Correspondent {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final MediaType TYPE = MediaType.get("application/json");
  private static final int QUEUE = 16;
  private static final int ID = 32;

  private final WebhookSettings settings;
  private final Clock clock;

  Webhooks(WebhookSettings settings, Clock clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /** The calls that a terminal event asks for. */
  List<OutgoingCall> calls(@Nullable SpecificRecord event) {
    EditRequested request = requestOf(event);
    if (event == null) {
      return List.of();
    }
    EditEvent told = EditEvent.of("", event).orElse(null);
    if (told == null
        || !RequestRules.isName(told.tenant())
        || !RequestRules.isName(told.requestId())) {
      return List.of();
    }
    if (isOld(event)) {
      return List.of();
    }
    Set<String> urls = new LinkedHashSet<>(settings.directory().endpoints(told.tenant()));
    if (request != null && request.getWebhook() != null) {
      urls.add(request.getWebhook());
    }
    List<OutgoingCall> calls = new ArrayList<>();
    urls.forEach(url -> calls.add(call(told, url)));
    return calls;
  }

  /** Whoever is told for the first time is not told of what is long past. */
  private boolean isOld(SpecificRecord event) {
    Instant end =
        event instanceof EditCompleted completed
            ? completed.getFinishedAt()
            : ((EditFailed) event).getFinishedAt();
    return end.isBefore(clock.instant().minus(settings.retry()));
  }

  private static @Nullable EditRequested requestOf(@Nullable SpecificRecord event) {
    if (event instanceof EditCompleted completed) {
      return completed.getRequest();
    }
    return event instanceof EditFailed failed ? failed.getRequest() : null;
  }

  private OutgoingCall call(EditEvent event, String url) {
    String type = "edit." + event.type();
    String what = Topics.idKey(event.tenant(), event.requestId()) + "/" + type;
    Instant now = clock.instant();
    return OutgoingCall.newBuilder()
        .setId("msg_" + DigestUtils.sha256Hex(what).substring(0, ID))
        .setRequestId(event.requestId())
        .setTenant(event.tenant())
        .setQueue(queue(event.tenant(), url))
        .setUrl(url)
        .setBody(body(type, event.data()))
        .setCreatedAt(now)
        .setDueAt(now)
        .build();
  }

  /** Addresses that requests name share a queue where they share a host. */
  private String queue(String tenant, String url) {
    boolean own = settings.directory().isEndpoint(tenant, url);
    String endpoint = own ? url : host(url);
    return DigestUtils.sha256Hex(tenant + "\n" + endpoint).substring(0, QUEUE);
  }

  private static String host(String url) {
    HttpUrl parsed = HttpUrl.parse(url);
    return parsed == null ? url : parsed.host() + ":" + parsed.port();
  }

  private static String body(String type, String data) {
    try {
      JsonNode event = JSON.readTree(data);
      ObjectNode body = JSON.createObjectNode().put("type", type);
      return body.put("timestamp", event.path("at").asText()).set("data", event).toString();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an event is always JSON", e);
    }
  }

  @Override
  public Request request(OutgoingCall call) throws CallRefusedException {
    String url = call.getUrl();
    try {
      if (settings.directory().isEndpoint(call.getTenant(), url)) {
        settings.policy().checkForm(url);
      } else {
        settings.policy().check(url);
      }
    } catch (IllegalArgumentException e) {
      throw new CallRefusedException(e.getMessage(), e);
    }
    HttpUrl target = HttpUrl.parse(url);
    List<WebhookSecret> secrets = settings.directory().secrets(call.getTenant(), url);
    if (target == null || secrets.isEmpty()) {
      throw new CallRefusedException(
          target == null ? "'" + url + "' is no URL" : call.getTenant() + " has no secret");
    }
    long seconds = clock.instant().getEpochSecond();
    String signatures =
        secrets.stream()
            .map(secret -> secret.sign(call.getId(), seconds, call.getBody()))
            .collect(Collectors.joining(" "));
    return new Request.Builder()
        .url(target)
        .header("User-Agent", "SmartEdit-Webhooks")
        .header("webhook-id", call.getId())
        .header("webhook-timestamp", Long.toString(seconds))
        .header("webhook-signature", signatures)
        .post(RequestBody.create(call.getBody(), TYPE))
        .build();
  }

  @Override
  public @Nullable SpecificRecord delivered(OutgoingCall call, Reply reply) {
    return null;
  }

  @Override
  public SpecificRecord givenUp(OutgoingCall call, String why) {
    return OutgoingCall.newBuilder(call).setLastError(why).build();
  }
}
