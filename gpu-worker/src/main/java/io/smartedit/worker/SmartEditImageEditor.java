package io.smartedit.worker;

import io.smartedit.editor.EditObserver;
import io.smartedit.editor.EditRequest;
import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.SmartEdit;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.options.EditOptions;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/** The neural pipeline behind the worker's port. */
public final class SmartEditImageEditor implements ImageEditor {

  private final SmartEdit editor;

  /** Owns the editor. */
  public SmartEditImageEditor(SmartEdit editor) {
    this.editor = editor;
  }

  @Override
  public EditOptions defaults() {
    return editor.defaults();
  }

  @Override
  public SortedSet<String> adapters() {
    return editor.adapters();
  }

  @Override
  public void warmUp() {
    editor.load();
  }

  @Override
  public PreparedRequest prepare(EditRequest request) {
    return editor.prepare(request);
  }

  @Override
  public Edit begin(PreparedRequest request) {
    return new Running(editor, editor.begin(request, EditObserver.NONE), request.options().steps());
  }

  @Override
  public List<Edit> begin(PreparedRequest request, int variants) {
    int steps = request.options().steps();
    return editor.begin(request, variants, EditObserver.NONE).stream()
        .map(edit -> (Edit) new Running(editor, edit, steps))
        .toList();
  }

  @Override
  public void step(List<Edit> edits) {
    editor.step(edits.stream().map(edit -> ((Running) edit).edit()).toList());
  }

  @Override
  public long freeMemory() {
    return editor.freeMemory();
  }

  @Override
  public void close() {
    editor.close();
  }

  private record Running(SmartEdit editor, SmartEdit.Edit edit, int steps) implements Edit {
    @Override
    public boolean isDone() {
      return edit.isDone();
    }

    @Override
    public int step() {
      return edit.step();
    }

    @Override
    public int rows() {
      return edit.rows();
    }

    @Override
    public Image decode() {
      return editor.decode(edit);
    }

    @Override
    public Image roundTrip() {
      return editor.roundTrip(edit);
    }

    @Override
    public Map<String, Long> cacheHits() {
      return edit.cacheHits();
    }

    @Override
    public void close() {
      edit.close();
    }
  }
}
