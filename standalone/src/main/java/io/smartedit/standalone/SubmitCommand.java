package io.smartedit.standalone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code smartedit submit}: one request through the front door. */
@Command(
    name = "submit",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Requests one edit and prints the request's id. An image on this machine is",
      "uploaded first; s3://BUCKET/KEY, https:// and request:ID are taken as they are.",
      "What is not named is as the model's makers recommend."
    },
    footer = {
      "",
      "Examples:",
      "  ./smartedit submit in.png \"remove the smaller cat\" --wait",
      "  ./smartedit submit in.jpg \"make the mug red\" --format jpeg"
    })
final class SubmitCommand implements Callable<Integer> {

  private static final Duration POLL = Duration.ofMillis(300);

  @Parameters(
      index = "0",
      paramLabel = "SOURCE",
      description = "A file, s3://BUCKET/KEY, https:// or request:ID.")
  private String source = "";

  @Parameters(index = "1", paramLabel = "INSTRUCTION", description = "What to change, in words.")
  private String instruction = "";

  @Option(names = "--id", description = "The request's id (default: one is made up).")
  private @Nullable String id;

  @Option(names = "--session", description = "Edits of one session keep their order.")
  private @Nullable String session;

  @Option(
      names = "--label",
      paramLabel = "NAME=VALUE",
      description = "Echoed in every event of the request; may be repeated.")
  private Map<String, String> labels = new LinkedHashMap<>();

  @Option(
      names = "--webhook",
      paramLabel = "URL",
      description = "Is told of its end, where the stream's settings allow the host.")
  private @Nullable String webhook;

  @Option(names = "--bulk", description = "Serve it when nothing else waits.")
  private boolean bulk;

  @Option(
      names = "--deadline",
      paramLabel = "TIME",
      description = "Do not begin or continue it after this, as 2026-11-23T18:00:00Z.")
  private @Nullable String deadline;

  @Option(names = "--wait", description = "Wait for its end and print it.")
  private boolean wait;

  @Mixin private RequestOptions options = new RequestOptions();

  @Mixin private IngestClient ingest = new IngestClient();

  @Override
  public Integer call() throws IOException, InterruptedException {
    ObjectNode request = new ObjectMapper().createObjectNode();
    request.put("source", ingest.source(source)).put("instruction", instruction);
    ingest.tenant().ifPresent(tenant -> request.put("tenant", tenant));
    if (id != null) {
      request.put("requestId", id);
    }
    if (session != null) {
      request.put("sessionId", session);
    }
    if (bulk) {
      request.put("priority", "bulk");
    }
    if (deadline != null) {
      request.put("deadline", deadline);
    }
    if (webhook != null) {
      request.put("webhook", webhook);
    }
    labels.forEach(request.putObject("labels")::put);
    request.set("options", options.json(ingest));
    String accepted =
        ingest
            .post("/v1/edits", BodyPublishers.ofString(request.toString()))
            .path("requestId")
            .asText();
    System.out.println(accepted);
    return wait ? await(accepted) : 0;
  }

  private int await(String accepted) throws IOException, InterruptedException {
    JsonNode end = end(accepted);
    System.out.println(end.toPrettyString());
    return end.path("state").asText().equals("COMPLETED") ? 0 : Main.FAILED;
  }

  private JsonNode end(String accepted) throws IOException, InterruptedException {
    try (ConsoleProgress progress = new ConsoleProgress()) {
      while (true) {
        JsonNode status = status(accepted);
        switch (status.path("state").asText()) {
          case "COMPLETED", "FAILED" -> {
            return status;
          }
          case "RUNNING" ->
              progress.step(status.path("step").asInt(), status.path("steps").asInt());
          default -> {} // not begun yet
        }
        Thread.sleep(POLL.toMillis());
      }
    }
  }

  /** The sink may not have heard of it yet, or be starting. */
  private JsonNode status(String accepted) throws IOException {
    try {
      return ingest.get("/v1/edits/" + accepted);
    } catch (IngestClient.RefusedException e) {
      if (e.isUnknown()) {
        return new ObjectMapper().createObjectNode();
      }
      throw e;
    }
  }
}
