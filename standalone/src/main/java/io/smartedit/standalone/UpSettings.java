package io.smartedit.standalone;

import io.smartedit.ingest.IngestSettings;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import io.smartedit.sink.SinkSettings;
import io.smartedit.worker.WorkerMain;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Settings of all services together, as {@code up} takes them: all but those that say where the
 * parts of the cluster are, which {@code up} says itself.
 */
final class UpSettings {

  private static final Set<String> OWN =
      Set.of(
          "kafka.bootstrap",
          "registry.url",
          "registry.user-info",
          "registry.register",
          "s3.endpoint",
          "s3.region",
          "s3.access-key",
          "s3.secret-key",
          "sink.state",
          "status.url",
          "http.advertised");

  static final List<Setting<?>> DECLARED = declared();

  private UpSettings() {}

  private static List<Setting<?>> declared() {
    Map<String, Setting<?>> byName = new LinkedHashMap<>();
    Stream.of(IngestSettings.DECLARED, WorkerMain.DECLARED, SinkSettings.DECLARED)
        .flatMap(List::stream)
        .filter(setting -> !OWN.contains(setting.name()))
        .forEach(setting -> byName.putIfAbsent(setting.name(), setting));
    return List.copyOf(byName.values());
  }

  /**
   * What is given, checked.
   *
   * @param options win over arguments, these over the environment, and this over the file
   * @throws io.smartedit.service.SettingsException naming everything that is wrong
   */
  static Map<String, String> given(
      @Nullable Path file,
      Map<String, String> environment,
      List<String> arguments,
      Map<String, String> options)
      throws IOException {
    Map<String, String> given =
        new TreeMap<>(Settings.given(DECLARED, file, environment, arguments));
    given.putAll(options);
    Settings.read(DECLARED, given);
    return given;
  }

  /** A line for each that is given; secrets are not shown. */
  static Stream<String> lines(Map<String, String> given) {
    return given.entrySet().stream()
        .map(
            entry ->
                entry.getKey() + " = " + (isSecret(entry.getKey()) ? "***" : entry.getValue()));
  }

  private static boolean isSecret(String name) {
    return name.startsWith(Settings.KAFKA_CLIENT)
        || DECLARED.stream().anyMatch(each -> each.secret() && each.name().equals(name));
  }
}
