package io.smartedit.standalone;

import io.smartedit.editor.SmartEdit;
import io.smartedit.service.Drain;
import io.smartedit.service.Settings;
import io.smartedit.service.SettingsException;
import io.smartedit.standalone.local.LocalCluster.Endpoints;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.worker.ModelSettings;
import io.smartedit.worker.SmartEditImageEditor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code smartedit up}: the whole stream on this machine, until Ctrl-C. */
@Command(
    name = "up",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a Kafka broker, a schema registry, an S3 server, a worker and the sink in this",
      "process and stays. Prints the addresses, and writes them to endpoints.json in the data",
      "folder as soon as everything is ready. A restart over the same folder keeps everything.",
      "Ctrl-C drains.",
      "",
      "Without --model it runs smartedit-mini, which edits small drawn images.",
      "Every setting of the services can be given, in a file, in the environment or as",
      "NAME=VALUE; the later wins. `smartedit settings` prints them all."
    },
    footer = {
      "",
      "Example:",
      "  ./smartedit up --model models/smartedit-7b --denoiser-precision bf16 worker.batch=2"
    })
final class UpCommand implements Callable<Integer> {

  private static final Duration START_LIMIT = Duration.ofMinutes(10);
  private static final String FOLDER = "model.folder";

  @Option(names = "--model", paramLabel = "DIR", description = "A model folder.")
  private @Nullable Path model;

  @Option(names = "--variant", paramLabel = "NAME", description = "As model.variant.")
  private @Nullable String variant;

  @Option(
      names = {"--encoder-precision", "--reader-precision"},
      paramLabel = "P",
      description = "auto, fp32, bf16 or fp16.")
  private @Nullable String encoderPrecision;

  @Option(
      names = {"--denoiser-precision", "--painter-precision"},
      paramLabel = "P",
      description = "auto, fp32, bf16 or fp16.")
  private @Nullable String denoiserPrecision;

  @Option(
      names = {"--encoder-device", "--reader-device"},
      paramLabel = "D",
      description = "cpu, gpu0, gpu1 ...")
  private @Nullable String encoderDevice;

  @Option(
      names = {"--denoiser-device", "--painter-device"},
      paramLabel = "D",
      description = "cpu, gpu0, gpu1 ...")
  private @Nullable String denoiserDevice;

  @Option(names = "--batch", paramLabel = "N", description = "Edits in one denoising step.")
  private @Nullable String batch;

  @Option(names = "--data", paramLabel = "DIR", description = "Default: ${DEFAULT-VALUE}.")
  private Path data = Path.of("data");

  @Option(names = "--config", paramLabel = "FILE", description = "A properties file of settings.")
  private @Nullable Path config;

  @Parameters(paramLabel = "NAME=VALUE", description = "Settings.")
  private List<String> settings = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<String, String> given;
    try {
      given = UpSettings.given(config, System.getenv(), settings, options());
    } catch (SettingsException e) {
      String.valueOf(e.getMessage())
          .lines()
          .forEach(line -> System.err.println("smartedit: " + line));
      return Main.BAD_REQUEST;
    }
    ModelSettings chosen = ModelSettings.of(Settings.read(UpSettings.DECLARED, given));
    Path folder = given.containsKey(FOLDER) ? chosen.folder() : ShippedModel.folder();
    SmartEdit editor = SmartEdit.open(folder, chosen.editor());
    String modelName = ModelOptions.name(folder);
    CountDownLatch interrupted = new CountDownLatch(1);
    try (Drain drain = new Drain();
        LocalStream stream =
            LocalStream.start(data, new SmartEditImageEditor(editor), modelName, given)) {
      drain.onSignal(interrupted::countDown);
      Waiting.until("the stream to start", START_LIMIT, stream::isReady);
      print(stream.endpoints(), modelName, given);
      stream.announce();
      interrupted.await();
      System.out.println("draining ...");
    }
    return 0;
  }

  private Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    put(options, FOLDER, model == null ? null : model.toString());
    put(options, "model.variant", variant);
    put(options, "model.encoder-precision", encoderPrecision);
    put(options, "model.denoiser-precision", denoiserPrecision);
    put(options, "model.encoder-device", encoderDevice);
    put(options, "model.denoiser-device", denoiserDevice);
    put(options, "worker.batch", batch);
    return options;
  }

  private static void put(Map<String, String> options, String name, @Nullable String value) {
    if (value != null) {
      options.put(name, value);
    }
  }

  private void print(Endpoints endpoints, String modelName, Map<String, String> given) {
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
    UpSettings.lines(given).forEach(line -> System.out.println("setting          " + line));
    System.out.println("ready; in another terminal:");
    System.out.println("  ./smartedit submit IMAGE \"remove the smaller cat\" --wait");
    System.out.println("Ctrl-C drains and ends");
  }
}
