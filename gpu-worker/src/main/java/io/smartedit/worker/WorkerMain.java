package io.smartedit.worker;

import io.smartedit.editor.SmartEdit;
import io.smartedit.service.ClusterSettings;
import io.smartedit.service.Drain;
import io.smartedit.service.ServiceMain;
import io.smartedit.service.Setting;
import io.smartedit.service.Settings;
import io.smartedit.service.TopicSetup;
import io.smartedit.store.S3ObjectStore;
import io.smartedit.store.S3Settings;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A worker as a process of its own. */
public final class WorkerMain {

  /** All settings of this service. */
  public static final List<Setting<?>> DECLARED = declared();

  private static final Duration STORE_TIMEOUT = Duration.ofSeconds(10);

  private WorkerMain() {}

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Works until SIGTERM or Ctrl-C, then drains; answers the exit code. */
  public static int run(String... arguments) {
    return ServiceMain.run(DECLARED, arguments, WorkerMain::work);
  }

  private static int work(Settings given) throws InterruptedException {
    ModelSettings model = ModelSettings.of(given);
    WorkerSettings settings =
        WorkerSettings.of(given, String.valueOf(model.folder().getFileName()));
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
                        STORE_TIMEOUT))
                .withBucket(settings.outputBucket())) {
      SmartEdit editor = SmartEdit.open(model.folder(), model.editor());
      Worker worker =
          new Worker(
              settings,
              cluster.registry(),
              store,
              new SmartEditImageEditor(editor),
              Clock.systemUTC());
      drain.onSignal(worker::close);
      worker.start();
      System.out.println("gpu-worker " + settings.workerId() + " on port " + worker.port());
      worker.await();
      worker
          .death()
          .ifPresent(
              cause -> System.err.println("smartedit: the worker ended: " + cause.getMessage()));
      return worker.death().isPresent() ? 1 : 0;
    }
  }

  private static List<Setting<?>> declared() {
    List<Setting<?>> all = new ArrayList<>(ModelSettings.DECLARED);
    all.addAll(WorkerSettings.DECLARED);
    return List.copyOf(all);
  }
}
