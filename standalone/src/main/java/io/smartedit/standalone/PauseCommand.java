package io.smartedit.standalone;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code smartedit pause}: lets a tenant, a model or everything rest. */
@Command(
    name = "pause",
    mixinStandardHelpOptions = true,
    description = {
      "Lets a tenant (--tenant), a model or everything rest: what is begun is finished, requests",
      "are accepted and wait until `resume`. Where the front door asks for keys it needs an",
      "admin's (setting admin.keys)."
    },
    footer = {"", "Example:", "  ./smartedit pause --model sketch --reason \"new weights\""})
final class PauseCommand implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();

  @ArgGroup private @Nullable Resting resting;

  @Option(names = "--list", description = "Prints what rests, and pauses nothing.")
  private boolean list;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Shown in the status of requests.")
  private @Nullable String reason;

  @Mixin private IngestClient ingest = new IngestClient();

  /** What rests, where it is no tenant. */
  static final class Resting {
    @Option(names = "--model", paramLabel = "NAME", description = "The requests of a model.")
    private @Nullable String model;

    @Option(names = "--all", description = "Everything.")
    private boolean all;

    /** The path of what rests at the front door. */
    static String path(@Nullable Resting resting, IngestClient ingest) throws IOException {
      boolean named = resting != null && (resting.all || resting.model != null);
      if (named == ingest.tenant().isPresent()) {
        throw new IngestClient.RefusedException(
            400, "one of --tenant NAME, --model NAME and --all is needed");
      }
      if (resting == null || !named) {
        return "/v1/pauses/tenants/" + IngestClient.name(ingest.tenant().orElse(""));
      }
      return resting.model == null
          ? "/v1/pauses/all"
          : "/v1/pauses/models/" + IngestClient.name(resting.model);
    }
  }

  @Override
  public Integer call() throws IOException {
    if (list) {
      System.out.println(ingest.get("/v1/pauses").toPrettyString());
      return 0;
    }
    String body = reason == null ? "" : JSON.createObjectNode().put("reason", reason).toString();
    String path = Resting.path(resting, ingest);
    System.out.println(ingest.put(path, BodyPublishers.ofString(body)).toPrettyString());
    return 0;
  }
}
