package io.smartedit.standalone;

import io.smartedit.editor.EditObserver;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows an edit's progress on standard error; Ctrl-C ends the edit after the present step. */
final class ConsoleProgress implements EditObserver, AutoCloseable {

  private static final long DRAIN_SECONDS = 60;

  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook = new Thread(this::interrupt, "smartedit-interrupt");
  private volatile boolean cancelled;
  private @Nullable ProgressBar bar;

  ConsoleProgress() {
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public void stage(Stage stage) {
    if (stage != Stage.DENOISING) {
      System.err.println(stage.name().toLowerCase(Locale.ROOT) + " ...");
    }
  }

  @Override
  public void step(int done, int steps) {
    if (bar == null) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("denoising")
              .setInitialMax(steps)
              .setStyle(ProgressBarStyle.ASCII)
              .build();
    }
    bar.stepTo(done);
    if (done == steps) {
      bar.close();
    }
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
    closed.countDown();
    if (!cancelled) {
      Runtime.getRuntime().removeShutdownHook(hook);
    }
  }

  private void interrupt() {
    cancelled = true;
    try {
      if (!closed.await(DRAIN_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("smartedit: the present step takes longer than a minute; leaving it");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
