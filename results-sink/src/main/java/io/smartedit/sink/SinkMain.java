package io.smartedit.sink;

import io.smartedit.service.Drain;
import io.smartedit.service.ServiceMain;
import io.smartedit.service.Settings;
import io.smartedit.service.TopicSetup;
import java.util.concurrent.CountDownLatch;

/** The sink as a process of its own. */
public final class SinkMain {

  private SinkMain() {}

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Serves until SIGTERM or Ctrl-C; answers the exit code. */
  public static int run(String... arguments) {
    return ServiceMain.run(SinkSettings.DECLARED, arguments, SinkMain::serve);
  }

  private static int serve(Settings given) throws InterruptedException {
    SinkSettings settings = SinkSettings.of(given);
    TopicSetup.ensure(settings.cluster().kafka());
    CountDownLatch signal = new CountDownLatch(1);
    try (Drain drain = new Drain();
        ResultsSink sink = new ResultsSink(settings, settings.cluster().registry())) {
      drain.onSignal(signal::countDown);
      sink.start();
      System.out.println("results-sink listens on port " + sink.port());
      signal.await();
    }
    return 0;
  }
}
