package io.smartedit.sink.webhook;

import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import io.smartedit.service.WebhookPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Who is told what becomes of edits, and how patiently.
 *
 * @param policy what requests may name
 * @param timeout of one attempt
 * @param retry how long an event is tried
 */
public record WebhookSettings(
    WebhookDirectory directory, WebhookPolicy policy, Duration timeout, Duration retry) {

  private static final Setting<WebhookDirectory> FILE =
      new Setting<>(
          "webhooks.file",
          "Who is told of edits, a line each: tenant, URL, secrets (whsec_...), each of which"
              + " signs. 'requests' in the place of a URL is for those that requests name.",
          "",
          WebhookDirectory::read,
          false);
  private static final Setting<Duration> TIMEOUT =
      Setting.duration("webhook.timeout", "How long a webhook's receiver has to answer.", "15s");
  private static final Setting<Duration> RETRY =
      Setting.duration("webhook.retry", "How long a webhook that is not taken is tried.", "24h");

  /** The settings. */
  public static final List<Setting<?>> DECLARED = declared();

  public static WebhookSettings of(Settings settings) {
    return new WebhookSettings(
        settings.get(FILE), WebhookPolicy.of(settings), settings.get(TIMEOUT), settings.get(RETRY));
  }

  /** Whether anybody may be told. */
  public boolean areOn() {
    return !directory.isEmpty();
  }

  private static List<Setting<?>> declared() {
    List<Setting<?>> all = new ArrayList<>(List.of(FILE, TIMEOUT, RETRY));
    all.addAll(WebhookPolicy.DECLARED);
    return List.copyOf(all);
  }
}
