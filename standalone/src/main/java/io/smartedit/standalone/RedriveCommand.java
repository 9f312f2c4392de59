package io.smartedit.standalone;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code smartedit redrive}: tries failed requests again. */
@Command(
    name = "redrive",
    mixinStandardHelpOptions = true,
    description = {
      "Tries failed requests again, each as a new request ID.rN, with the same source and",
      "instruction and, where named, other options. A deadline is not taken over."
    })
final class RedriveCommand implements Callable<Integer> {

  @Parameters(arity = "1..*", paramLabel = "ID", description = "Ids of failed requests.")
  private List<String> ids = new ArrayList<>();

  @Mixin private RequestOptions options = new RequestOptions();

  @Option(
      names = "--deadline",
      paramLabel = "TIME",
      description = "Do not begin or continue it after this, as 2026-11-23T18:00:00Z.")
  private @Nullable String deadline;

  @Mixin private IngestClient ingest = new IngestClient();

  @Override
  public Integer call() throws IOException {
    ObjectNode changes = options.json(ingest);
    if (deadline != null) {
      changes.put("deadline", deadline);
    }
    for (String id : ids) {
      System.out.println(
          ingest
              .post("/v1/edits/" + id + "/redrive", BodyPublishers.ofString(changes.toString()))
              .path("requestId")
              .asText());
    }
    return 0;
  }
}
