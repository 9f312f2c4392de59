package io.smartedit.benchmarks.chaos;

import io.smartedit.editor.SmartEdit;
import io.smartedit.service.ClusterSettings;
import io.smartedit.service.Drain;
import io.smartedit.service.ServiceMain;
import io.smartedit.service.Settings;
import io.smartedit.service.TopicSetup;
import io.smartedit.store.S3ObjectStore;
import io.smartedit.store.S3Settings;
import io.smartedit.worker.ImageEditor;
import io.smartedit.worker.SmartEditImageEditor;
import io.smartedit.worker.Worker;
import io.smartedit.worker.WorkerSettings;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;

/**
 * The worker's process with an editor of the benchmark's: {@code -Dchaos.step=MILLIS} for one that
 * changes nothing, {@code -Dchaos.model=FOLDER} for a real model. Arguments are the worker's
 * settings.
 */
final class ChaosWorker {

  /** What the worker says that it runs. */
  static final String MODEL_NAME = "chaos";

  private static final Duration STORE_TIMEOUT = Duration.ofSeconds(10);

  private ChaosWorker() {}

  public static void main(String[] arguments) {
    System.exit(ServiceMain.run(WorkerSettings.DECLARED, arguments, ChaosWorker::work));
  }

  private static int work(Settings given) throws InterruptedException {
    WorkerSettings settings = WorkerSettings.of(given, MODEL_NAME);
    ClusterSettings cluster = settings.cluster();
    TopicSetup.ensure(cluster);
    try (Drain drain = new Drain();
        S3ObjectStore store =
            new S3ObjectStore(
                new S3Settings(
                    cluster.s3(),
                    cluster.s3Region(),
                    cluster.keys().access(),
                    cluster.keys().secret(),
                    STORE_TIMEOUT))) {
      Worker worker = new Worker(settings, cluster.registry(), store, editor(), Clock.systemUTC());
      drain.onSignal(worker::close);
      worker.start();
      worker.await();
      return worker.death().isPresent() ? 1 : 0;
    }
  }

  private static ImageEditor editor() {
    String model = System.getProperty("chaos.model");
    return new DeadlyEditor(
        model == null
            ? new PacedEditor(Duration.ofMillis(Long.getLong("chaos.step", 20)))
            : new SmartEditImageEditor(SmartEdit.open(Path.of(model), SmartEdit.Settings.DEFAULT)));
  }
}
