package io.smartedit.editor.options;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Which low-rank adapters an edit is made with, and how much of each.
 *
 * @param scales by the adapter's name; what has the scale 0 is left out
 */
public record Adapters(SortedMap<String, Double> scales) {

  /** The model as it is. */
  public static final Adapters NONE = new Adapters(new TreeMap<>());

  /** Adapters of one edit. */
  public static final int MOST = 4;

  /** Of a scale, whatever its sign. */
  public static final double MAX_SCALE = 4;

  public Adapters {
    if (scales.size() > MOST) {
      throw new BadRequestException("adapters are " + scales.size() + ", more than " + MOST);
    }
    scales.forEach(
        (name, scale) -> {
          if (!(Math.abs(scale) <= MAX_SCALE)) {
            throw new BadRequestException(
                "adapters.%s is %s, must be from %s to %s"
                    .formatted(name, scale, -MAX_SCALE, MAX_SCALE));
          }
        });
    SortedMap<String, Double> used = new TreeMap<>(scales);
    used.values().removeIf(scale -> scale == 0);
    scales = Collections.unmodifiableSortedMap(used);
  }

  public static Adapters of(Map<String, Double> scales) {
    return new Adapters(new TreeMap<>(scales));
  }

  public boolean isEmpty() {
    return scales.isEmpty();
  }

  /** As {@code sketch=1.0,toon=0.8}. */
  @Override
  public String toString() {
    return scales.entrySet().stream().map(Map.Entry::toString).collect(Collectors.joining(","));
  }
}
