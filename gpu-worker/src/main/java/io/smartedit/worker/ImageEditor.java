package io.smartedit.worker;

import io.smartedit.editor.EditRequest;
import io.smartedit.editor.PreparedRequest;
import io.smartedit.editor.image.Image;
import io.smartedit.editor.options.EditOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * The port behind which images are edited: the neural pipeline, or what stands in for it where only
 * the stream is looked at. Methods are called from the device's thread where they do not say
 * otherwise.
 */
public interface ImageEditor extends AutoCloseable {

  /** How the model's makers would edit: what a request leaves open. From any thread. */
  EditOptions defaults();

  /** Names of the LoRA adapters that edits may have. From any thread. */
  default SortedSet<String> adapters() {
    return Collections.emptySortedSet();
  }

  /** Gets ready: after this an edit starts without delay. */
  void warmUp();

  /** Reduces a request to what the model reads of it. From any thread, once warm. */
  PreparedRequest prepare(EditRequest request);

  /**
   * Encodes the condition of an edit, which then holds device memory until it is closed.
   *
   * @throws io.smartedit.editor.options.BadRequestException if the request can never succeed
   * @throws io.smartedit.editor.OutOfDeviceMemoryException where it may fit once others are done
   */
  Edit begin(PreparedRequest request);

  /**
   * Several edits of one request, with its seed and the ones that follow it. An editor that can
   * reads image and instruction once for all of them.
   */
  default List<Edit> begin(PreparedRequest request, int variants) {
    List<Edit> edits = new ArrayList<>();
    try {
      for (int i = 0; i < variants; i++) {
        edits.add(begin(request.withSeed(request.options().seed() + i)));
      }
    } catch (RuntimeException | Error e) {
      edits.forEach(Edit::close);
      throw e;
    }
    return edits;
  }

  /**
   * One denoising step of each; none of them is done. Those whose {@link Edit#step} has not risen
   * when this throws were not stepped.
   *
   * @throws io.smartedit.editor.OutOfDeviceMemoryException where fewer may fit
   */
  void step(List<Edit> edits);

  /** Bytes that the device which denoises has left; as many as there can be where nobody knows. */
  default long freeMemory() {
    return Long.MAX_VALUE;
  }

  @Override
  void close();

  /** An edit in the device. */
  interface Edit extends AutoCloseable {
    boolean isDone();

    /** Steps done. */
    int step();

    int steps();

    /** Rows that its next step takes of a call: more than one with guidance. */
    default int rows() {
      return 1;
    }

    /** The image at working size, once all steps are done. */
    Image decode();

    /**
     * The source at working size through the autoencoder alone, once all steps are done: what the
     * decoded image is compared with to find what changed. Null where what stands in for the
     * pipeline makes whole images.
     */
    default @Nullable Image roundTrip() {
      return null;
    }

    /** What was found in caches and not computed, by cache: how often. */
    default Map<String, Long> cacheHits() {
      return Map.of();
    }

    @Override
    void close();
  }
}
