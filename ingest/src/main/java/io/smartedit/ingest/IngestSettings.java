package io.smartedit.ingest;

import io.smartedit.service.ClusterSettings;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import io.smartedit.service.SourceSettings;
import io.smartedit.service.Traces;
import io.smartedit.service.WebhookPolicy;
import io.smartedit.store.SourcePolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * How the front door works.
 *
 * @param port 0 for any free one
 * @param statusUrl of the sink's HTTP side; empty where status is not asked for here
 * @param keys of those who may use it
 * @param maxUpload bytes of an image
 * @param patience how long a client of OpenAI's API is let wait
 * @param linkValid how long a link to an image is good
 * @param reviewKeys SHA-256 of keys of those who may release held results
 * @param adminKeys SHA-256 of keys of those who may pause and resume
 * @param webhooks where requests may have their events sent
 * @param traces where spans go; empty for nowhere
 */
public record IngestSettings(
    ClusterSettings cluster,
    String host,
    int port,
    String statusUrl,
    String uploadBucket,
    SourcePolicy sources,
    ApiKeys keys,
    long maxUpload,
    Duration linkValid,
    Set<String> reviewKeys,
    Set<String> adminKeys,
    Duration patience,
    WebhookPolicy webhooks,
    String traces) {

  private static final Setting<String> HOST =
      Setting.text("http.host", "Address the HTTP side listens on.", "0.0.0.0");
  private static final Setting<Integer> PORT =
      Setting.number("http.port", "Its port; 0 for any free one.", "8080", 0, 65_535);
  private static final Setting<String> STATUS =
      Setting.text(
          "status.url", "The sink's HTTP side, for status and redrive; may be left out.", "");
  private static final Setting<String> BUCKET =
      Setting.text("upload.bucket", "Bucket of uploaded images.", "pictures");
  private static final Setting<ApiKeys> KEYS =
      new Setting<>(
          "keys.file",
          "API keys, a line each: SHA-256 of the key, tenant, its edits a minute if limited."
              + " Without it anybody may ask, for any tenant.",
          "",
          ApiKeys::read,
          false);
  private static final Setting<Long> MAX_UPLOAD =
      Setting.bytes("upload.max-bytes", "Of one image.", "33554432", 1, 1L << 30);

  private static final Setting<Duration> PATIENCE =
      Setting.duration(
          "images.patience",
          "How long POST /v1/images/edits waits for an edit before it answers 504.",
          "5m");

  private static final Setting<Duration> LINK_VALID =
      Setting.duration(
          "links.valid", "How long a link to an image of the store is good, up to 7d.", "15m");

  private static final Setting<Set<String>> REVIEW_KEYS =
      Setting.names(
          "review.keys",
          "SHA-256 of API keys that may release or refuse held results, separated by commas; where"
              + " there are none and no keys.file, anybody may.",
          "");

  private static final Setting<Set<String>> ADMIN_KEYS =
      Setting.names(
          "admin.keys",
          "SHA-256 of API keys that may pause and resume tenants, models and everything, separated"
              + " by commas; where there are none and no keys.file, anybody may.",
          "");

  /** All settings of this service. */
  public static final List<Setting<?>> DECLARED = declared();

  public static IngestSettings of(Settings settings) {
    return new IngestSettings(
        ClusterSettings.of(settings),
        settings.get(HOST),
        settings.get(PORT),
        settings.get(STATUS),
        settings.get(BUCKET),
        new SourcePolicy(settings.get(SourceSettings.BUCKETS), settings.get(SourceSettings.HOSTS)),
        settings.get(KEYS),
        settings.get(MAX_UPLOAD),
        settings.get(LINK_VALID),
        settings.get(REVIEW_KEYS),
        settings.get(ADMIN_KEYS),
        settings.get(PATIENCE),
        WebhookPolicy.of(settings),
        settings.get(Traces.ENDPOINT));
  }

  private static List<Setting<?>> declared() {
    List<Setting<?>> all = new ArrayList<>(ClusterSettings.DECLARED);
    all.addAll(
        List.of(
            HOST,
            PORT,
            STATUS,
            BUCKET,
            SourceSettings.BUCKETS,
            SourceSettings.HOSTS,
            KEYS,
            MAX_UPLOAD,
            PATIENCE,
            LINK_VALID,
            REVIEW_KEYS,
            ADMIN_KEYS,
            Traces.ENDPOINT));
    all.addAll(WebhookPolicy.DECLARED);
    return List.copyOf(all);
  }
}
