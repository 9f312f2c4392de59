package io.smartedit.benchmarks.stream;

import io.smartedit.editor.EditRequest;
import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.worker.ImageEditor;
import java.util.List;

/** An editor whose edits are done in one step and change nothing. */
final class PassThrough implements ImageEditor {

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
    return new Unchanged(request.working());
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
    public Image decode() {
      return image;
    }

    @Override
    public void close() {}
  }
}
