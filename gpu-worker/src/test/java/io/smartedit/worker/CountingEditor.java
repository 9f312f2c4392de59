package io.smartedit.worker;

import io.smartedit.editor.EditRequest;
import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.options.EditOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;

/** An editor that changes nothing, counts, and fails when told to. */
final class CountingEditor implements ImageEditor {

  private final int steps;
  final List<Counted> begun = new ArrayList<>();
  final List<Integer> batches = new ArrayList<>();

  /** Called with the edits of a step before any of them is stepped. */
  Consumer<List<Counted>> beforeStep = edits -> {};

  /** Called after each single edit of a step. */
  Consumer<Counted> afterEach = edit -> {};

  Runnable beforeWarmUp = () -> {};
  Runnable beforeBegin = () -> {};
  Consumer<Counted> beforeDecode = edit -> {};
  boolean closed;

  CountingEditor(int steps) {
    this.steps = steps;
  }

  @Override
  public EditOptions defaults() {
    return EditOptions.DEFAULT;
  }

  @Override
  public SortedSet<String> adapters() {
    return new TreeSet<>(Set.of("toon", "sketch"));
  }

  @Override
  public void warmUp() {
    beforeWarmUp.run();
  }

  @Override
  public PreparedRequest prepare(EditRequest request) {
    Image source = request.source().view();
    return PreparedRequest.of(request, source, source);
  }

  @Override
  public Edit begin(PreparedRequest request) {
    beforeBegin.run();
    Counted edit = new Counted(request.working());
    begun.add(edit);
    return edit;
  }

  @Override
  public void step(List<Edit> edits) {
    List<Counted> counted = edits.stream().map(edit -> (Counted) edit).toList();
    batches.add(edits.size());
    beforeStep.accept(counted);
    for (Counted edit : counted) {
      edit.step++;
      afterEach.accept(edit);
    }
  }

  @Override
  public void close() {
    closed = true;
  }

  /** An edit that knows how often it was stepped. */
  final class Counted implements Edit {
    private final Image image;
    int step;
    boolean freed;

    private Counted(Image image) {
      this.image = image;
    }

    @Override
    public boolean isDone() {
      return step >= steps;
    }

    @Override
    public int step() {
      return step;
    }

    @Override
    public int steps() {
      return steps;
    }

    @Override
    public Image decode() {
      beforeDecode.accept(this);
      return image;
    }

    @Override
    public Map<String, Long> cacheHits() {
      return Map.of("condition", 1L);
    }

    @Override
    public void close() {
      freed = true;
    }
  }
}
