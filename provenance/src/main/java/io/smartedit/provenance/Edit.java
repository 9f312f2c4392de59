package io.smartedit.provenance;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What was done to make an image, as its credentials will say.
 *
 * @param model that did it
 * @param adapters of the model that did it, and how much of each
 * @param seed that it was done with
 * @param requestId of who wanted it; null where nobody requested it by an id
 * @param sourceType what the image is made of now
 * @param source what it was made from
 */
public record Edit(
    String model,
    SortedMap<String, Double> adapters,
    long seed,
    @Nullable String requestId,
    DigitalSourceType sourceType,
    Source source) {

  /** Keeps a copy. */
  public Edit {
    adapters = Collections.unmodifiableSortedMap(new TreeMap<>(adapters));
  }

  /** By the model as it is. */
  public Edit(
      String model,
      long seed,
      @Nullable String requestId,
      DigitalSourceType sourceType,
      Source source) {
    this(model, Collections.emptySortedMap(), seed, requestId, sourceType, source);
  }
}
