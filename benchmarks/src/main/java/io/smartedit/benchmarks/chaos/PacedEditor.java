package io.smartedit.benchmarks.chaos;

import io.smartedit.editor.EditRequest;
import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.worker.ImageEditor;
import java.time.Duration;
import java.util.List;

/** An editor that changes nothing and takes its time: a fixed one for each step of any batch. */
final class PacedEditor implements ImageEditor {

  private final Duration pace;

  PacedEditor(Duration pace) {
    this.pace = pace;
  }

  @Override
  public EditOptions defaults() {
    return EditOptions.DEFAULT;
  }

  @Override
  public void warmUp() {}

  @Override
  public PreparedRequest prepare(EditRequest request) {
    return PreparedRequest.of(request, request.source().view(), request.source().view());
  }

  @Override
  public Edit begin(PreparedRequest request) {
    return new Unchanged(request.working(), request.options().steps());
  }

  @Override
  public void step(List<Edit> edits) {
    try {
      Thread.sleep(pace.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in a step", e);
    }
    edits.forEach(edit -> ((Unchanged) edit).done++);
  }

  @Override
  public void close() {}

  private static final class Unchanged implements Edit {
    private final Image image;
    private final int steps;
    private int done;

    private Unchanged(Image image, int steps) {
      this.image = image;
      this.steps = steps;
    }

    @Override
    public boolean isDone() {
      return done >= steps;
    }

    @Override
    public int step() {
      return done;
    }

    @Override
    public int steps() {
      return steps;
    }

    @Override
    public Image decode() {
      return image;
    }

    @Override
    public void close() {}
  }
}
