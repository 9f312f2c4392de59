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
import io.smartedit.store.StoreException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker as a process of its own. */
public final class WorkerMain {

  /** All settings of this service. */
  public static final List<Setting<?>> DECLARED = declared();

  private static final Duration STORE_TIMEOUT = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(WorkerMain.class);

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
    TopicSetup.ensure(cluster.kafka());
    try (Drain drain = new Drain();
        S3ObjectStore store =
            new S3ObjectStore(
                new S3Settings(
                    cluster.s3(),
                    cluster.s3Region(),
                    cluster.keys().access(),
                    cluster.keys().secret(),
                    STORE_TIMEOUT))) {
      ensureBucket(store, settings.outputBucket());
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

  /**
   * Where that fails, the first result shows what has to be mended, and the worker waits for it.
   */
  private static void ensureBucket(S3ObjectStore store, String bucket) {
    try {
      store.ensureBucket(bucket);
    } catch (StoreException e) {
      LOG.warn("whether there is a bucket {} is not known: {}", bucket, e.getMessage());
    }
  }

  private static List<Setting<?>> declared() {
    List<Setting<?>> all = new ArrayList<>(ModelSettings.DECLARED);
    all.addAll(WorkerSettings.DECLARED);
    return List.copyOf(all);
  }
}
