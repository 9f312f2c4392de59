package io.smartedit.standalone;

import io.smartedit.ingest.IngestSettings;
import io.smartedit.scaler.ScalerSettings;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import io.smartedit.sink.SinkSettings;
import io.smartedit.worker.WorkerMain;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Command;

/**
 * {@code smartedit settings}: every setting of every service, as {@code docs/settings.md} has it.
 */
@Command(
    name = "settings",
    mixinStandardHelpOptions = true,
    description = "Prints every setting of every service as Markdown.")
final class SettingsCommand implements Runnable {

  private static final Map<String, List<Setting<?>>> SERVICES =
      new TreeMap<>(
          Map.of(
              "ingest", IngestSettings.DECLARED,
              "gpu-worker", WorkerMain.DECLARED,
              "results-sink", SinkSettings.DECLARED,
              "scaler", ScalerSettings.DECLARED));

  @Override
  public void run() {
    System.out.print(manual());
  }

  static String manual() {
    StringBuilder manual =
        new StringBuilder(
            """
            # Settings

            Printed by `./smartedit settings`. A service reads them from `--config FILE` (properties), from
            environment variables (`SMARTEDIT_` and the name in capitals, dots and dashes as underscores:
            `SMARTEDIT_KAFKA_BOOTSTRAP`), and as `NAME=VALUE` arguments; the later wins. All are checked together at
            start; an unknown name is refused with the nearest known one.

            `kafka.client.X` is handed to every Kafka client as `X`: `kafka.client.security.protocol=SASL_SSL`.
            """);
    SERVICES.forEach(
        (service, declared) ->
            manual.append("\n## ").append(service).append("\n\n").append(Settings.table(declared)));
    return manual.toString();
  }
}
