package io.smartedit.sink;

import io.smartedit.service.Drain;
import io.smartedit.service.ServiceMain;
import io.smartedit.service.Settings;
import io.smartedit.service.TopicSetup;
import java.util.concurrent.atomic.AtomicBoolean;

/** The sink as a process of its own. */
public final class SinkMain {

  private SinkMain() {}

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Serves until SIGTERM or Ctrl-C, or until it cannot go on; answers the exit code. */
  public static int run(String... arguments) {
    return ServiceMain.run(SinkSettings.DECLARED, arguments, SinkMain::serve);
  }

  private static int serve(Settings given) throws InterruptedException {
    SinkSettings settings = SinkSettings.of(given);
    TopicSetup.ensure(settings.cluster());
    AtomicBoolean asked = new AtomicBoolean();
    try (Drain drain = new Drain();
        ResultsSink sink = new ResultsSink(settings, settings.cluster().registry())) {
      drain.onSignal(
          () -> {
            asked.set(true);
            sink.stop();
          });
      sink.start();
      System.out.println("results-sink listens on port " + sink.port());
      sink.awaitEnd();
    }
    return asked.get() ? 0 : 1;
  }
}
