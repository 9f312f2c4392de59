package io.smartedit.worker;

import io.smartedit.editor.EditOptions;
import io.smartedit.editor.EditRequest;
import io.smartedit.editor.image.Image;
import java.util.List;

/** What edits. Methods are called from the device's thread where they do not say otherwise. */
public interface Engine extends AutoCloseable {

  /** How the model's makers would edit: what a request leaves open. From any thread. */
  EditOptions defaults();

  /** Gets ready: after this an edit starts without delay. */
  void warmUp();

  /**
   * Reads a request; the edit holds memory until it is closed.
   *
   * @throws io.smartedit.editor.BadRequestException if the request can never succeed
   */
  Edit begin(EditRequest request);

  /** One step of each; none of them is done. */
  void step(List<Edit> edits);

  @Override
  void close();

  /** An edit on its way. */
  interface Edit extends AutoCloseable {
    boolean isDone();

    int step();

    int steps();

    /** The image, once it is done. */
    Image finish();

    @Override
    void close();
  }
}
