package io.smartedit.standalone;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code smartedit status}: what became of a request. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Says what became of a request, as JSON.")
final class StatusCommand implements Callable<Integer> {

  @Parameters(paramLabel = "ID", description = "The request's id.")
  private String id = "";

  @Mixin private IngestClient ingest = new IngestClient();

  @Override
  public Integer call() throws IOException {
    System.out.println(ingest.get("/v1/edits/" + id).toPrettyString());
    return 0;
  }
}
