package io.smartedit.benchmarks.stream;

import io.smartedit.editor.EditOptions;
import io.smartedit.editor.EditRequest;
import io.smartedit.editor.image.Image;
import io.smartedit.worker.Engine;
import java.util.List;

/** An engine whose edits are done in one step and change nothing. */
final class PassThrough implements Engine {

  @Override
  public EditOptions defaults() {
    return EditOptions.DEFAULT;
  }

  @Override
  public void warmUp() {}

  @Override
  public Edit begin(EditRequest request) {
    return new Unchanged(request.source());
  }

  @Override
  public void step(List<Edit> edits) {
    edits.forEach(edit -> ((Unchanged) edit).done = true);
  }

  @Override
  public void close() {}

  private static final class Unchanged implements Edit {
    private final Image image;
    private boolean done;

    private Unchanged(Image image) {
      this.image = image;
    }

    @Override
    public boolean isDone() {
      return done;
    }

    @Override
    public int step() {
      return done ? 1 : 0;
    }

    @Override
    public int steps() {
      return 1;
    }

    @Override
    public Image finish() {
      return image;
    }

    @Override
    public void close() {}
  }
}
