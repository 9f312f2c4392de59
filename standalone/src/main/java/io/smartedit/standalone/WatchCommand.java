package io.smartedit.standalone;

import io.smartedit.events.BatchCompleted;
import io.smartedit.events.EditCompleted;
import io.smartedit.events.EditFailed;
import io.smartedit.events.EditProgress;
import io.smartedit.service.Drain;
import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.specific.SpecificRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code smartedit watch}: events as they come. */
@Command(
    name = "watch",
    mixinStandardHelpOptions = true,
    description = "Prints progress and terminal events of a running `up`, one line each.")
final class WatchCommand implements Callable<Integer> {

  @Option(names = "--from-beginning", description = "Also those that are already there.")
  private boolean fromBeginning;

  @Mixin private IngestClient ingest = new IngestClient();

  @Override
  public Integer call() throws IOException {
    AtomicBoolean ending = new AtomicBoolean();
    try (Drain drain = new Drain();
        EventStream events = new EventStream(ingest.endpoints(), fromBeginning)) {
      drain.onSignal(() -> ending.set(true));
      while (!ending.get()) {
        events.poll(WatchCommand::print);
      }
    }
    return 0;
  }

  private static void print(SpecificRecord event) {
    if (event instanceof EditProgress progress) {
      System.out.printf(
          "progress   %s %d/%d%n",
          progress.getRequestId(), progress.getStep(), progress.getSteps());
    } else if (event instanceof EditCompleted completed) {
      System.out.printf(
          "completed  %s %s%n", completed.getRequestId(), completed.getResult().getOutput());
    } else if (event instanceof EditFailed failed) {
      System.out.printf(
          "failed     %s %s: %s%n",
          failed.getRequestId(), failed.getStatus(), failed.getFailure().getMessage());
    } else if (event instanceof BatchCompleted batch) {
      System.out.printf("batch      %s %s%n", batch.getBatch(), batch.getCounts());
    }
  }
}
