package io.smartedit.sink.moderation;

import io.smartedit.events.Ruling;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Who decides of results before they are published.
 *
 * @param url of the policy; empty where nobody is asked
 * @param timeout of one question
 * @param retry how long a policy that does not answer is asked
 * @param fallback what becomes of a result that it does not answer for
 * @param longest how long a result may be held
 */
public record ModerationSettings(
    String url, Duration timeout, Duration retry, Ruling fallback, Duration longest) {

  private static final Setting<String> URL =
      new Setting<>(
          "moderation.url",
          "Policy that is asked of every result before it is published, a URL; none where empty.",
          "",
          ModerationSettings::readUrl,
          false);
  private static final Setting<Duration> TIMEOUT =
      Setting.duration("moderation.timeout", "How long the policy has to answer.", "15s");
  private static final Setting<Duration> RETRY =
      Setting.duration(
          "moderation.retry", "How long a policy that does not answer is asked again.", "10m");
  private static final Setting<Ruling> FALLBACK =
      new Setting<>(
          "moderation.fallback",
          "What becomes of a result that the policy does not answer for: hold, block or allow.",
          "hold",
          ModerationSettings::readRuling,
          false);
  private static final Setting<Duration> LONGEST =
      Setting.duration(
          "moderation.hold", "How long a result may be held; then it is blocked.", "7d");

  /** The settings. */
  public static final List<Setting<?>> DECLARED = List.of(URL, TIMEOUT, RETRY, FALLBACK, LONGEST);

  public static ModerationSettings of(Settings settings) {
    return new ModerationSettings(
        settings.get(URL),
        settings.get(TIMEOUT),
        settings.get(RETRY),
        settings.get(FALLBACK),
        settings.get(LONGEST));
  }

  /** Whether somebody is asked. */
  public boolean isOn() {
    return !url.isEmpty();
  }

  private static String readUrl(String text) {
    if (!text.isEmpty() && !text.matches("https?://[!-~]+")) {
      throw new IllegalArgumentException("must be a URL, as http://policy:8000/verdict");
    }
    return text;
  }

  private static Ruling readRuling(String text) {
    try {
      return Ruling.valueOf(text.strip().toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("must be hold, block or allow", e);
    }
  }
}
