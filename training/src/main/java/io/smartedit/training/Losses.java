package io.smartedit.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.smartedit.editor.nn.Ops;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parts of a step's loss by name, with their weighted sum. */
public final class Losses {

  private final Map<String, Double> values = new LinkedHashMap<>();
  private @Nullable NDArray sum;

  /** Adds a part; its plain value is logged, its weighted value counts. */
  public void add(String name, double weight, NDArray loss) {
    values.put(name, (double) loss.getFloat());
    NDArray weighted = Ops.scale(loss, weight);
    sum = sum == null ? weighted : sum.add(weighted);
  }

  /** Notes a number that is not part of the sum, such as an accuracy. */
  public void note(String name, double value) {
    values.put(name, value);
  }

  /** The sum of all parts. */
  public NDArray sum(NDManager manager) {
    return sum == null ? manager.create(0f) : sum;
  }

  /** The noted values by name. */
  public Map<String, Double> values() {
    return Map.copyOf(values);
  }
}
