package io.smartedit.standalone;

import io.smartedit.SmartEdit;
import io.smartedit.events.HttpSchemaRegistry;
import io.smartedit.sink.ResultsSink;
import io.smartedit.standalone.local.LocalCluster.Endpoints;
import io.smartedit.standalone.local.LocalStream;
import io.smartedit.store.S3ObjectStore;
import io.smartedit.worker.SmartEditEngine;
import io.smartedit.worker.Worker;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code smartedit run}: one service in this process, against any cluster. */
@Command(
    name = "run",
    description = "Runs one service against a cluster; Ctrl-C or SIGTERM drains it.",
    subcommands = {RunCommand.GpuWorker.class, RunCommand.Sink.class})
final class RunCommand {

  /** A worker. */
  @Command(
      name = "gpu-worker",
      mixinStandardHelpOptions = true,
      description = "Takes requests, edits, stores, answers.")
  static final class GpuWorker implements Callable<Integer> {

    @Mixin private ClusterOptions cluster = new ClusterOptions();

    @Mixin private ModelOptions model = new ModelOptions();

    @Option(
        names = "--worker-id",
        required = true,
        description = "Unique among live workers, the same after a restart.")
    private String workerId = "";

    @Option(names = "--batch", description = "Edits in one step (default: ${DEFAULT-VALUE}).")
    private int batch = 4;

    @Override
    public Integer call() throws InterruptedException {
      Endpoints endpoints = cluster.endpoints();
      String modelName = String.valueOf(model.model.getFileName());
      try (Drain drain = new Drain();
          S3ObjectStore store = endpoints.store()) {
        Worker worker =
            new Worker(
                LocalStream.settings(endpoints.bootstrap(), workerId, modelName, batch),
                new HttpSchemaRegistry(endpoints.registry(), cluster.registryUser()),
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

    @Mixin private ClusterOptions cluster = new ClusterOptions();

    @Option(names = "--data", required = true, description = "Keeps what was answered.")
    private Path data = Path.of("data");

    @Override
    public Integer call() throws InterruptedException {
      Endpoints endpoints = cluster.endpoints();
      CountDownLatch signal = new CountDownLatch(1);
      try (Drain drain = new Drain();
          ResultsSink sink =
              new ResultsSink(
                  endpoints.bootstrap(),
                  "results-sink",
                  data,
                  new HttpSchemaRegistry(endpoints.registry(), cluster.registryUser()))) {
        drain.onSignal(signal::countDown);
        sink.start();
        signal.await();
      }
      return 0;
    }
  }
}
