package io.smartedit.sink.routing;

import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import io.smartedit.service.WorkerGroup;
import java.time.Duration;
import java.util.List;

/**
 * How requests that name a model find it.
 *
 * @param patience how long a request waits for a model that no worker serves
 * @param workers group of all workers
 */
public record RoutingSettings(Duration patience, String workers) {

  private static final Setting<Duration> PATIENCE =
      Setting.duration(
          "models.patience",
          "How long a request waits for a model that no worker has announced; then it is rejected.",
          "10m");

  /** The settings. */
  public static final List<Setting<?>> DECLARED = List.of(PATIENCE, WorkerGroup.NAME);

  public static RoutingSettings of(Settings settings) {
    return new RoutingSettings(settings.get(PATIENCE), settings.get(WorkerGroup.NAME));
  }
}
