package io.smartedit.ingest;

import io.smartedit.service.ClusterSettings;
import io.smartedit.service.Drain;
import io.smartedit.service.ServiceMain;
import io.smartedit.service.Settings;
import io.smartedit.service.TopicSetup;
import io.smartedit.store.S3ObjectStore;
import io.smartedit.store.S3Settings;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** The front door as a process of its own. */
public final class IngestMain {

  private static final Duration STORE_TIMEOUT = Duration.ofSeconds(10);

  private IngestMain() {}

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Serves until SIGTERM or Ctrl-C; answers the exit code. */
  public static int run(String... arguments) {
    return ServiceMain.run(IngestSettings.DECLARED, arguments, IngestMain::serve);
  }

  private static int serve(Settings given) throws InterruptedException {
    IngestSettings settings = IngestSettings.of(given);
    ClusterSettings cluster = settings.cluster();
    TopicSetup.ensure(cluster);
    CountDownLatch signal = new CountDownLatch(1);
    try (Drain drain = new Drain();
        S3ObjectStore store =
            new S3ObjectStore(
                    new S3Settings(
                        cluster.s3(),
                        cluster.s3Region(),
                        cluster.keys().access(),
                        cluster.keys().secret(),
                        STORE_TIMEOUT))
                .withBucket(settings.uploadBucket());
        Ingest ingest = new Ingest(settings, cluster.registry(), store, Clock.systemUTC())) {
      drain.onSignal(signal::countDown);
      System.out.println("ingest listens on port " + ingest.port());
      signal.await();
    }
    return 0;
  }
}
