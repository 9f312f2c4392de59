package io.smartedit.standalone;

import io.smartedit.editor.EditRequest;
import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.options.EditOptions;
import io.smartedit.worker.ImageEditor;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** An editor that changes nothing; edits of an instruction end once that is let go. */
final class HeldEditor implements ImageEditor {

  /** What is shared by the editors of several workers. */
  static final class Hand {
    private final ConcurrentLinkedQueue<String> begun = new ConcurrentLinkedQueue<>();
    private final Set<String> free = ConcurrentHashMap.newKeySet();

    /** Instructions of the edits that have begun, one for each. */
    List<String> begun() {
      return List.copyOf(begun);
    }

    void letGo(String instruction) {
      free.add(instruction);
    }
  }

  private final Hand hand;

  HeldEditor(Hand hand) {
    this.hand = hand;
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
    hand.begun.add(request.instruction());
    return new Held(request, hand.free);
  }

  /** A moment, so that a device that waits is not a busy one. */
  @Override
  public void step(List<Edit> edits) {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted in a step", e);
    }
  }

  @Override
  public void close() {}

  private record Held(PreparedRequest request, Set<String> free) implements Edit {
    @Override
    public boolean isDone() {
      return free.contains(request.instruction());
    }

    @Override
    public int step() {
      return 0;
    }

    @Override
    public int steps() {
      return 1;
    }

    @Override
    public Image decode() {
      return request.working();
    }

    @Override
    public void close() {}
  }
}
