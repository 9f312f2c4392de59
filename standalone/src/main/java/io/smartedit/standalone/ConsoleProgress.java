package io.smartedit.standalone;

import io.smartedit.editor.EditObserver;
import io.smartedit.service.Drain;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows an edit's progress on standard error; Ctrl-C ends the edit after the present step. */
final class ConsoleProgress implements EditObserver, AutoCloseable {

  private final Drain drain = new Drain();
  private volatile boolean cancelled;
  private @Nullable ProgressBar bar;

  ConsoleProgress() {
    drain.onSignal(() -> cancelled = true);
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
    drain.close();
  }
}
