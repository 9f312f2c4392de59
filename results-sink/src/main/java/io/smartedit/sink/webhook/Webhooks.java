package io.smartedit.sink.webhook;

import io.smartedit.events.OutgoingCall;
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

  private static final MediaType TYPE = MediaType.get("application/json");
  private static final int QUEUE = 16;

  private final WebhookSettings settings;
  private final Clock clock;

  Webhooks(WebhookSettings settings, Clock clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /** The calls that an event asks for. Whoever is told for the first time hears nothing old. */
  List<OutgoingCall> calls(@Nullable SpecificRecord event) {
    return WebhookMessage.of(event)
        .filter(message -> !message.at().isBefore(clock.instant().minus(settings.retry())))
        .map(this::calls)
        .orElse(List.of());
  }

  private List<OutgoingCall> calls(WebhookMessage message) {
    Set<String> urls = new LinkedHashSet<>(settings.directory().endpoints(message.tenant()));
    if (message.webhook() != null) {
      urls.add(message.webhook());
    }
    List<OutgoingCall> calls = new ArrayList<>();
    urls.forEach(url -> calls.add(call(message, url)));
    return calls;
  }

  private OutgoingCall call(WebhookMessage message, String url) {
    Instant now = clock.instant();
    return OutgoingCall.newBuilder()
        .setId(message.id())
        .setRequestId(message.about())
        .setTenant(message.tenant())
        .setQueue(queue(message.tenant(), url))
        .setUrl(url)
        .setBody(message.body())
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
