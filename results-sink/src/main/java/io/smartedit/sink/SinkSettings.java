package io.smartedit.sink;

import io.smartedit.service.ClusterSettings;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import io.smartedit.service.SettingsException;
import io.smartedit.service.Traces;
import io.smartedit.sink.moderation.ModerationSettings;
import io.smartedit.sink.retention.RetentionSettings;
import io.smartedit.sink.routing.RoutingSettings;
import io.smartedit.sink.webhook.WebhookSettings;
import io.smartedit.store.S3Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How the sink works.
 *
 * @param applicationId the same for all instances of one sink
 * @param groupProtocol how instances share partitions: classic, or Kafka's streams (KIP-1071)
 * @param stateFolder keeps what was answered; rebuilt from Kafka where it is lost
 * @param stateMemory bytes that the stores of all partitions have together
 * @param port 0 for any free one
 * @param traces where spans go; empty for nowhere
 * @param store that results lie in; without an endpoint where it is not needed
 * @param advertised HOST:PORT under which other instances reach this one; empty for its own port on
 *     this machine
 */
public record SinkSettings(
    ClusterSettings cluster,
    String applicationId,
    String groupProtocol,
    Path stateFolder,
    long stateMemory,
    String host,
    int port,
    String advertised,
    WebhookSettings webhooks,
    ModerationSettings moderation,
    RoutingSettings routing,
    RetentionSettings retention,
    String traces,
    S3Settings store) {

  private static final Setting<String> APPLICATION =
      Setting.text(
          "sink.application-id", "The same for all instances of one sink.", "results-sink");
  private static final Setting<String> PROTOCOL =
      new Setting<>(
          "sink.group-protocol",
          "How instances of one sink share partitions: classic, or streams, where the broker decides"
              + " (KIP-1071; Kafka 4.2 or newer).",
          "classic",
          SinkSettings::protocol,
          false);
  private static final Setting<String> STATE =
      Setting.text(
          "sink.state", "Folder that keeps what was answered; rebuilt where it is lost.", null);
  private static final Setting<Long> STATE_MEMORY =
      Setting.bytes(
          "sink.state-memory",
          "Bytes of memory that the state's stores have together, outside the heap.",
          "134217728",
          16L << 20,
          1L << 40);
  private static final Setting<String> HOST =
      Setting.text("http.host", "Address the HTTP side listens on.", "0.0.0.0");
  private static final Setting<Integer> PORT =
      Setting.number("http.port", "Its port; 0 for any free one.", "8081", 0, 65_535);
  private static final Setting<String> ADVERTISED =
      new Setting<>(
          "http.advertised",
          "HOST:PORT under which other instances of the sink reach this one, where there are any.",
          "",
          SinkSettings::address,
          false);

  private static final Setting<String> S3 =
      Setting.text(
          "s3.endpoint",
          "The S3-compatible store, a URL; only for moderation with links to images, and for retention.",
          "");
  private static final Setting<String> S3_REGION =
      Setting.text("s3.region", "The store's region, for which requests are signed.", "us-east-1");
  private static final Setting<String> S3_ACCESS =
      Setting.secret("s3.access-key", "Access key of the store.", "");
  private static final Setting<String> S3_SECRET =
      Setting.secret("s3.secret-key", "Secret key of the store.", "");
  private static final Duration STORE_TIMEOUT = Duration.ofSeconds(10);

  /** All settings of this service. */
  public static final List<Setting<?>> DECLARED = declared();

  public static SinkSettings of(Settings settings) {
    if (RetentionSettings.of(settings).isOn() && settings.get(S3).isEmpty()) {
      throw new SettingsException(List.of("retention.file needs s3.endpoint, the store"));
    }
    return new SinkSettings(
        ClusterSettings.withoutStore(settings),
        settings.get(APPLICATION),
        settings.get(PROTOCOL),
        Path.of(settings.get(STATE)),
        settings.get(STATE_MEMORY),
        settings.get(HOST),
        settings.get(PORT),
        settings.get(ADVERTISED),
        WebhookSettings.of(settings),
        ModerationSettings.of(settings),
        RoutingSettings.of(settings),
        RetentionSettings.of(settings),
        settings.get(Traces.ENDPOINT),
        new S3Settings(
            settings.get(S3),
            settings.get(S3_REGION),
            settings.get(S3_ACCESS),
            settings.get(S3_SECRET),
            STORE_TIMEOUT));
  }

  private static String protocol(String text) {
    if (!List.of("classic", "streams").contains(text)) {
      throw new IllegalArgumentException("must be classic or streams");
    }
    return text;
  }

  private static String address(String text) {
    if (!text.isEmpty()
        && !text.matches("[A-Za-z0-9._-]+:[0-9]{1,5}|\\[[0-9a-fA-F:.]+]:[0-9]{1,5}")) {
      throw new IllegalArgumentException("must be HOST:PORT, as sink-1.sinks:8081");
    }
    return text;
  }

  private static List<Setting<?>> declared() {
    List<Setting<?>> all = new ArrayList<>(ClusterSettings.WITHOUT_STORE);
    all.addAll(List.of(S3, S3_REGION, S3_ACCESS, S3_SECRET));
    all.addAll(List.of(APPLICATION, PROTOCOL, STATE, STATE_MEMORY, HOST, PORT, ADVERTISED));
    all.addAll(WebhookSettings.DECLARED);
    all.addAll(ModerationSettings.DECLARED);
    all.addAll(RoutingSettings.DECLARED);
    all.addAll(RetentionSettings.DECLARED);
    all.add(Traces.ENDPOINT);
    return List.copyOf(all);
  }
}
