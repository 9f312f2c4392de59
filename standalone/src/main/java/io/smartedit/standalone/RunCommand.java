package io.smartedit.standalone;

import io.smartedit.SmartEdit;
import io.smartedit.ingest.Ingest;
import io.smartedit.ingest.IngestSettings;
import io.smartedit.service.ClusterSettings;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import io.smartedit.sink.ResultsSink;
import io.smartedit.sink.SinkSettings;
import io.smartedit.store.S3ObjectStore;
import io.smartedit.worker.SmartEditEngine;
import io.smartedit.worker.Worker;
import io.smartedit.worker.WorkerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code smartedit run}: one service in this process, against any cluster. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Runs one service against a cluster; Ctrl-C or SIGTERM drains it.",
      "Settings come from --config, from the environment, and as NAME=VALUE; the later wins.",
      "`smartedit settings` prints them all."
    },
    subcommands = {RunCommand.FrontDoor.class, RunCommand.GpuWorker.class, RunCommand.Sink.class})
final class RunCommand {

  private static final Duration STORE_TIMEOUT = Duration.ofSeconds(10);

  /** Where a service's settings come from. */
  static final class Given {
    @Option(names = "--config", paramLabel = "FILE", description = "A properties file of settings.")
    private @Nullable Path config;

    @Parameters(paramLabel = "NAME=VALUE", description = "Settings; they win over all others.")
    private List<String> values = new ArrayList<>();

    Settings read(List<Setting<?>> declared) throws IOException {
      return Settings.read(declared, Settings.given(declared, config, System.getenv(), values));
    }
  }

  private static S3ObjectStore store(ClusterSettings cluster) {
    return new S3ObjectStore(
        cluster.s3(), cluster.keys().access(), cluster.keys().secret(), STORE_TIMEOUT);
  }

  /** The front door. */
  @Command(
      name = "ingest",
      mixinStandardHelpOptions = true,
      description = "HTTP requests, checked, onto the topics.")
  static final class FrontDoor implements Callable<Integer> {

    @Mixin private Given given = new Given();

    @Override
    public Integer call() throws IOException, InterruptedException {
      IngestSettings settings = IngestSettings.of(given.read(IngestSettings.DECLARED));
      CountDownLatch signal = new CountDownLatch(1);
      try (Drain drain = new Drain();
          S3ObjectStore store = store(settings.cluster());
          Ingest ingest =
              new Ingest(settings, settings.cluster().registry(), store, Clock.systemUTC())) {
        drain.onSignal(signal::countDown);
        System.out.println("listening on port " + ingest.port());
        signal.await();
      }
      return 0;
    }
  }

  /** A worker. */
  @Command(
      name = "gpu-worker",
      mixinStandardHelpOptions = true,
      description = "Takes requests, edits, stores, answers.")
  static final class GpuWorker implements Callable<Integer> {

    @Mixin private Given given = new Given();

    @Mixin private ModelOptions model = new ModelOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
      WorkerSettings settings =
          WorkerSettings.of(
              given.read(WorkerSettings.DECLARED), String.valueOf(model.model.getFileName()));
      try (Drain drain = new Drain();
          S3ObjectStore store = store(settings.cluster())) {
        Worker worker =
            new Worker(
                settings,
                settings.cluster().registry(),
                store,
                new SmartEditEngine(SmartEdit.open(model.model, model.settings())),
                Clock.systemUTC());
        drain.onSignal(worker::close);
        worker.start();
        worker.await();
        worker
            .death()
            .ifPresent(
                cause -> System.err.println("smartedit: the worker ended: " + cause.getMessage()));
        return worker.death().isPresent() ? Main.FAILED : 0;
      }
    }
  }

  /** The sink. */
  @Command(
      name = "results-sink",
      mixinStandardHelpOptions = true,
      description = "Turns outcomes into one terminal event each.")
  static final class Sink implements Callable<Integer> {

    @Mixin private Given given = new Given();

    @Override
    public Integer call() throws IOException, InterruptedException {
      SinkSettings settings = SinkSettings.of(given.read(SinkSettings.DECLARED));
      CountDownLatch signal = new CountDownLatch(1);
      try (Drain drain = new Drain();
          ResultsSink sink = new ResultsSink(settings, settings.cluster().registry())) {
        drain.onSignal(signal::countDown);
        sink.start();
        signal.await();
      }
      return 0;
    }
  }
}
