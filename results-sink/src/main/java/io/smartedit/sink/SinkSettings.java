package io.smartedit.sink;

import io.smartedit.service.ClusterSettings;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import io.smartedit.sink.webhook.WebhookSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How the sink works.
 *
 * @param applicationId the same for all instances of one sink
 * @param stateFolder keeps what was answered; rebuilt from Kafka where it is lost
 * @param stateMemory bytes that the stores of all partitions have together
 * @param port 0 for any free one
 * @param advertised HOST:PORT under which other instances reach this one; empty for its own port on
 *     this machine
 */
public record SinkSettings(
    ClusterSettings cluster,
    String applicationId,
    Path stateFolder,
    long stateMemory,
    String host,
    int port,
    String advertised,
    WebhookSettings webhooks) {

  private static final Setting<String> APPLICATION =
      Setting.text(
          "sink.application-id", "The same for all instances of one sink.", "results-sink");
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

  /** The store's, which the sink asked for and never used. */
  private static final List<Setting<?>> RETIRED =
      List.of(
          Setting.retired("s3.endpoint"),
          Setting.retired("s3.access-key"),
          Setting.retired("s3.secret-key"));

  /** All settings of this service. */
  public static final List<Setting<?>> DECLARED = declared();

  public static SinkSettings of(Settings settings) {
    return new SinkSettings(
        ClusterSettings.withoutStore(settings),
        settings.get(APPLICATION),
        Path.of(settings.get(STATE)),
        settings.get(STATE_MEMORY),
        settings.get(HOST),
        settings.get(PORT),
        settings.get(ADVERTISED),
        WebhookSettings.of(settings));
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
    all.addAll(RETIRED);
    all.addAll(List.of(APPLICATION, STATE, STATE_MEMORY, HOST, PORT, ADVERTISED));
    all.addAll(WebhookSettings.DECLARED);
    return List.copyOf(all);
  }
}
