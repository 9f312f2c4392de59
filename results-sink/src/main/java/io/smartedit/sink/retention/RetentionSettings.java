package io.smartedit.sink.retention;

import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import java.time.Duration;
import java.util.List;

/**
 * How long images stay in the store.
 *
 * @param uploads bucket of uploaded images
 * @param results bucket of edited images
 * @param pause between two rounds through the buckets
 */
public record RetentionSettings(
    RetentionRules rules, String uploads, String results, Duration pause) {

  private static final Setting<RetentionRules> FILE =
      new Setting<>(
          "retention.file",
          "How long images are kept, a line each: tenant (or *), time of results, time of uploads"
              + " (as 30d, or keep). Without it they are kept.",
          "",
          RetentionRules::read,
          false);
  private static final Setting<String> UPLOADS =
      Setting.text("upload.bucket", "Bucket of uploaded images.", "pictures");
  private static final Setting<String> RESULTS =
      Setting.text("worker.output-bucket", "Bucket of edited images.", "edited");
  private static final Setting<Duration> PAUSE =
      Setting.duration("retention.every", "Pause between two rounds through the buckets.", "10m");

  /** The settings. */
  public static final List<Setting<?>> DECLARED = List.of(FILE, UPLOADS, RESULTS, PAUSE);

  public static RetentionSettings of(Settings settings) {
    return new RetentionSettings(
        settings.get(FILE), settings.get(UPLOADS), settings.get(RESULTS), settings.get(PAUSE));
  }

  /** Whether anything may be deleted. */
  public boolean isOn() {
    return !rules.isEmpty();
  }
}
