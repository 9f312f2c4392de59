package io.smartedit.standalone;

import io.smartedit.editor.SmartEdit;
import io.smartedit.service.Drain;
import io.smartedit.standalone.local.LocalCluster.Endpoints;
import io.smartedit.standalone.local.LocalStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code smartedit up}: the whole stream on this machine, until Ctrl-C. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a Kafka broker, a schema registry, an S3 server, a worker and the sink in this",
      "process and stays. Prints the addresses and writes them to endpoints.json in the data",
      "folder. A restart over the same folder keeps everything. Ctrl-C drains.",
      "",
      "Without --model it runs smartedit-mini, which edits small drawn images."
    })
final class UpCommand implements Callable<Integer> {

  private static final Duration START_LIMIT = Duration.ofMinutes(10);

  @Option(names = "--model", paramLabel = "DIR", description = "A model folder.")
  private Path model = ShippedModel.folder();

  @Option(names = "--data", paramLabel = "DIR", description = "Default: ${DEFAULT-VALUE}.")
  private Path data = Path.of("data");

  @Option(
      names = "--batch",
      description = "Edits in one denoising step (default: ${DEFAULT-VALUE}).")
  private int batch = 4;

  @Override
  public Integer call() throws IOException, InterruptedException {
    SmartEdit editor = SmartEdit.open(model, SmartEdit.Settings.DEFAULT);
    String modelName = ModelOptions.name(model);
    CountDownLatch interrupted = new CountDownLatch(1);
    try (Drain drain = new Drain();
        LocalStream stream = LocalStream.start(data, editor, modelName, batch)) {
      drain.onSignal(interrupted::countDown);
      Waiting.until("the stream to start", START_LIMIT, stream::isReady);
      print(stream.endpoints(), modelName);
      interrupted.await();
      System.out.println("draining ...");
    }
    return 0;
  }

  private void print(Endpoints endpoints, String modelName) {
    System.out.println("model            " + modelName);
    System.out.println("Kafka            " + endpoints.bootstrap());
    System.out.println("schema registry  " + endpoints.registry());
    System.out.println("S3               " + endpoints.s3());
    System.out.println("  access key     " + endpoints.accessKey());
    System.out.println("  secret key     " + endpoints.secretKey());
    System.out.println("  sources in     s3://" + LocalStream.INBOX + "/");
    System.out.println("  results in     s3://" + LocalStream.OUTBOX + "/");
    System.out.println("page             " + endpoints.http() + "/");
    System.out.println("HTTP             " + endpoints.http() + "  (/openapi.json, /metrics)");
    System.out.println("data             " + data.toAbsolutePath());
    System.out.println("ready; in another terminal:");
    System.out.println("  ./smartedit submit IMAGE \"remove the smaller cat\" --wait");
    System.out.println("Ctrl-C drains and ends");
  }
}
