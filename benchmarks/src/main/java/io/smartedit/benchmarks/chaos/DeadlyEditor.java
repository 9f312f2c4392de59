package io.smartedit.benchmarks.chaos;

import io.smartedit.editor.EditRequest;
import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.worker.ImageEditor;
import java.util.List;

/** Another editor, but for one instruction that ends the process in the middle of its edit. */
final class DeadlyEditor implements ImageEditor {

  /** The instruction. */
  static final String POISON = "end the process";

  private static final int EXIT = 134; // as by SIGABRT, which is how libtorch dies

  private final ImageEditor editor;

  DeadlyEditor(ImageEditor editor) {
    this.editor = editor;
  }

  @Override
  public EditOptions defaults() {
    return editor.defaults();
  }

  @Override
  public void warmUp() {
    editor.warmUp();
  }

  @Override
  public PreparedRequest prepare(EditRequest request) {
    return editor.prepare(request);
  }

  @Override
  public Edit begin(PreparedRequest request) {
    return new Marked(editor.begin(request), request.instruction().equals(POISON));
  }

  @Override
  public void step(List<Edit> edits) {
    editor.step(edits.stream().map(edit -> ((Marked) edit).edit).toList());
    if (edits.stream().anyMatch(edit -> ((Marked) edit).deadly)) {
      Runtime.getRuntime().halt(EXIT);
    }
  }

  @Override
  public void close() {
    editor.close();
  }

  private record Marked(Edit edit, boolean deadly) implements Edit {
    @Override
    public boolean isDone() {
      return edit.isDone();
    }

    @Override
    public int step() {
      return edit.step();
    }

    @Override
    public int steps() {
      return edit.steps();
    }

    @Override
    public Image decode() {
      return edit.decode();
    }

    @Override
    public void close() {
      edit.close();
    }
  }
}
