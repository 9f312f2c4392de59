package io.smartedit.scaler;

import io.smartedit.service.Drain;
import io.smartedit.service.ServiceMain;
import io.smartedit.service.Settings;
import io.smartedit.service.TopicSetup;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;

/** The scaler as a process of its own. */
public final class ScalerMain {

  private ScalerMain() {}

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Serves until SIGTERM or Ctrl-C; answers the exit code. */
  public static int run(String... arguments) {
    return ServiceMain.run(ScalerSettings.DECLARED, arguments, ScalerMain::serve);
  }

  private static int serve(Settings given) throws IOException, InterruptedException {
    ScalerSettings settings = ScalerSettings.of(given);
    TopicSetup.ensure(settings.cluster());
    CountDownLatch signal = new CountDownLatch(1);
    try (Drain drain = new Drain();
        Scaler scaler = new Scaler(settings, settings.cluster().registry(), Clock.systemUTC())) {
      drain.onSignal(signal::countDown);
      System.out.println("scaler answers KEDA on port " + scaler.grpcPort());
      signal.await();
    }
    return 0;
  }
}
