package io.smartedit.standalone;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.smartedit.events.RequestRules;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code smartedit batch}: many requests under one id. */
@Command(
    name = "batch",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = "Submits many requests under one id, follows and holds them.",
    footer = {"", "Example:", "  ./smartedit batch submit spring.jsonl --id spring-sale --wait"})
final class BatchCommand implements Runnable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final String ID = "The batch's id.";

  @Spec private @Nullable CommandSpec spec;

  /** Without a subcommand nothing is done. */
  @Override
  public void run() {
    if (spec != null) {
      throw new ParameterException(spec.commandLine(), "Missing required subcommand");
    }
  }

  @Command(
      mixinStandardHelpOptions = true,
      description = {
        "Submits a manifest: a request as JSON a line. Lines that are refused are printed, and",
        "at the end the batch's id and counts. The same again edits nothing twice."
      })
  int submit(
      @Parameters(paramLabel = "FILE", description = "The manifest, as JSON Lines.") Path file,
      @Option(names = "--id", description = "The batch's id (default: one is made up).")
          @Nullable String id,
      @Option(names = "--wait", description = "Wait for its end and print it.") boolean wait,
      @Mixin IngestClient ingest)
      throws IOException, InterruptedException {
    JsonNode[] last = {JSON.createObjectNode()};
    ingest.lines(
        id == null ? "POST" : "PUT",
        id == null ? "/v1/batches" : path(id, ""),
        BodyPublishers.ofFile(file),
        line -> last[0] = heard(line));
    System.out.println(last[0].toPrettyString());
    if (last[0].path("status").asInt() != 202) {
      return Main.FAILED;
    }
    return wait ? await(ingest, last[0].path("batch").asText()) : 0;
  }

  /** A verdict; those that refuse a line are printed. */
  private static JsonNode heard(String line) {
    try {
      JsonNode verdict = JSON.readTree(line);
      if (verdict.has("line") && verdict.path("status").asInt() >= 300) {
        System.err.printf(
            "line %d: %s%n",
            verdict.path("line").asLong(), verdict.path("problem").path("detail").asText());
      }
      return verdict;
    } catch (IOException e) {
      throw new UncheckedIOException("the front door's answer is not JSON", e);
    }
  }

  private static int await(IngestClient ingest, String id)
      throws IOException, InterruptedException {
    while (true) {
      JsonNode status = ingest.getIfKnown(path(id, ""));
      if (status.has("finishedAt")) {
        System.out.println(status.toPrettyString());
        long edited = status.path("counts").path("edited").asLong();
        return edited == status.path("lines").asLong() ? 0 : Main.FAILED;
      }
      System.err.printf(
          "%s %.1f %%%n",
          status.path("state").asText("OPEN"), 100 * status.path("progress").asDouble());
      Thread.sleep(POLL.toMillis());
    }
  }

  @Command(mixinStandardHelpOptions = true, description = "Says how a batch is, as JSON.")
  int status(@Parameters(paramLabel = "ID", description = ID) String id, @Mixin IngestClient ingest)
      throws IOException {
    System.out.println(ingest.get(path(id, "")).toPrettyString());
    return 0;
  }

  @Command(
      mixinStandardHelpOptions = true,
      description = "Lets a batch rest: what is begun is finished, the rest waits.")
  int pause(@Parameters(paramLabel = "ID", description = ID) String id, @Mixin IngestClient ingest)
      throws IOException {
    return told(ingest.post(path(id, "/pause"), BodyPublishers.noBody()));
  }

  @Command(mixinStandardHelpOptions = true, description = "Lets a batch go on that rests.")
  int resume(@Parameters(paramLabel = "ID", description = ID) String id, @Mixin IngestClient ingest)
      throws IOException {
    return told(ingest.post(path(id, "/resume"), BodyPublishers.noBody()));
  }

  @Command(mixinStandardHelpOptions = true, description = "Cancels a batch, for good.")
  int cancel(@Parameters(paramLabel = "ID", description = ID) String id, @Mixin IngestClient ingest)
      throws IOException {
    return told(ingest.delete(path(id, "")));
  }

  @Command(
      mixinStandardHelpOptions = true,
      description = "Gives what a batch's lines have become, as JSON Lines in their order.")
  int results(
      @Parameters(paramLabel = "ID", description = ID) String id,
      @Option(
              names = {"-o", "--out"},
              paramLabel = "FILE",
              description = "Where to write it (default: print it).")
          @Nullable Path out,
      @Mixin IngestClient ingest)
      throws IOException {
    String path = path(id, "/results");
    if (out == null) {
      ingest.download(path, System.out);
      return 0;
    }
    try (OutputStream file = Files.newOutputStream(out)) {
      ingest.download(path, file);
    }
    return 0;
  }

  private static int told(JsonNode answer) {
    System.out.println(answer.path("batch").asText());
    return 0;
  }

  private static String path(String id, String more) throws IOException {
    if (!RequestRules.isName(id)) {
      throw new IngestClient.RefusedException(400, "'" + id + "' is no batch's id");
    }
    return "/v1/batches/" + id + more;
  }
}
