package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.image.Image;
import java.nio.ByteBuffer;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What one edit finds in a {@link ContentCache}. Used from one thread. */
public final class Reuse {

  private final @Nullable ContentCache cache;
  private final Map<String, Long> hits = new LinkedHashMap<>();
  private final IdentityHashMap<Image, ByteBuffer> digests = new IdentityHashMap<>();

  private Reuse(@Nullable ContentCache cache) {
    this.cache = cache;
  }

  public static Reuse of(ContentCache cache) {
    return new Reuse(cache);
  }

  /** Finds nothing and keeps nothing: everything is computed. */
  public static Reuse none() {
    return new Reuse(null);
  }

  /** What was found, by what events call it. */
  public Map<String, Long> hits() {
    return Map.copyOf(hits);
  }

  /** A whole condition of this image and the rest. */
  public Condition condition(
      Image image, String rest, NDManager manager, Supplier<Condition> computing) {
    return Condition.of(
        arrays(ContentCache.Part.CONDITION, image, rest, manager, () -> computing.get().arrays()));
  }

  /**
   * What is kept of the image, or else is computed and kept from here on.
   *
   * @param rest what else it is made of
   * @param manager owns what is found
   */
  NDList arrays(
      ContentCache.Part part,
      Image image,
      String rest,
      NDManager manager,
      Supplier<NDList> computing) {
    if (cache == null) {
      return computing.get();
    }
    ByteBuffer digest = digests.computeIfAbsent(image, ContentCache::digest);
    ContentCache.Key key = new ContentCache.Key(part, digest, rest);
    NDList found = cache.get(key, manager);
    if (found != null) {
      hits.merge(part.toString(), 1L, Long::sum);
      return found;
    }
    NDList computed = computing.get();
    cache.put(key, computed);
    return computed;
  }
}
