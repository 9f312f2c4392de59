package io.smartedit.scaler;

import io.smartedit.service.ClusterSettings;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import io.smartedit.service.WorkerGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How the scaler works.
 *
 * @param group consumer group of the workers whose backlog is told
 * @param secondsPerEdit of device time, until the first edits of a model have been measured
 * @param interval how often the backlog is read
 * @param grpcPort that KEDA asks, 0 for any free one
 * @param port of the HTTP side, 0 for any free one
 */
public record ScalerSettings(
    ClusterSettings cluster,
    String group,
    int secondsPerEdit,
    Duration interval,
    String host,
    int grpcPort,
    int port) {

  private static final Setting<Integer> SECONDS =
      Setting.number(
          "scaler.seconds-per-edit",
          "Device seconds that an edit is held to take until some were measured.",
          "10",
          1,
          86_400);
  private static final Setting<Duration> INTERVAL =
      Setting.duration("scaler.interval", "How often the backlog is read.", "1s");
  private static final Setting<String> HOST =
      Setting.text("http.host", "Address the HTTP side listens on.", "0.0.0.0");
  private static final Setting<Integer> GRPC_PORT =
      Setting.number(
          "scaler.grpc-port", "Port that KEDA asks; 0 for any free one.", "9090", 0, 65_535);
  private static final Setting<Integer> PORT =
      Setting.number("http.port", "Its port; 0 for any free one.", "8083", 0, 65_535);

  /** All settings of this service. */
  public static final List<Setting<?>> DECLARED = declared();

  public static ScalerSettings of(Settings settings) {
    return new ScalerSettings(
        ClusterSettings.withoutStore(settings),
        settings.get(WorkerGroup.NAME),
        settings.get(SECONDS),
        settings.get(INTERVAL),
        settings.get(HOST),
        settings.get(GRPC_PORT),
        settings.get(PORT));
  }

  private static List<Setting<?>> declared() {
    List<Setting<?>> all = new ArrayList<>(ClusterSettings.WITHOUT_STORE);
    all.addAll(List.of(WorkerGroup.NAME, SECONDS, INTERVAL, HOST, GRPC_PORT, PORT));
    return List.copyOf(all);
  }
}
