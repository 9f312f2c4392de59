package io.smartedit.standalone;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code smartedit cancel}: no longer wants a request. */
@Command(
    name = "cancel",
    mixinStandardHelpOptions = true,
    description = "Cancels a request; an edit under way ends before its next step.")
final class CancelCommand implements Callable<Integer> {

  @Parameters(paramLabel = "ID", description = "The request's id.")
  private String id = "";

  @Mixin private IngestClient ingest = new IngestClient();

  @Override
  public Integer call() throws IOException {
    System.out.println(ingest.delete("/v1/edits/" + id));
    return 0;
  }
}
