package io.smartedit.standalone;

import io.smartedit.ingest.IngestMain;
import io.smartedit.scaler.ScalerMain;
import io.smartedit.sink.SinkMain;
import io.smartedit.worker.WorkerMain;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code smartedit run}: one service in this process, against any cluster. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Runs one service against a cluster; Ctrl-C or SIGTERM drains it.",
      "Settings come from a file, from the environment, and as NAME=VALUE; the later wins.",
      "`smartedit settings` prints them all."
    },
    footer = {
      "",
      "Example:",
      "  ./smartedit run gpu-worker -- --config=worker.properties worker.id=w-1"
    })
final class RunCommand implements Callable<Integer> {

  @Parameters(
      index = "0",
      paramLabel = "SERVICE",
      description = "ingest, gpu-worker, results-sink or scaler.")
  private String service = "";

  @Parameters(
      index = "1..*",
      paramLabel = "NAME=VALUE",
      description = "Settings; --config=FILE, behind a --, names a properties file.")
  private List<String> settings = new ArrayList<>();

  @Override
  public Integer call() {
    String[] arguments = settings.toArray(String[]::new);
    return switch (service) {
      case "ingest" -> IngestMain.run(arguments);
      case "gpu-worker" -> WorkerMain.run(arguments);
      case "results-sink" -> SinkMain.run(arguments);
      case "scaler" -> ScalerMain.run(arguments);
      default -> {
        System.err.println(
            "smartedit: '" + service + "' is none of ingest, gpu-worker, results-sink, scaler");
        yield Main.BAD_REQUEST;
      }
    };
  }
}
