package io.smartedit.editor.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.TensorSource;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A source with its low-rank adapters merged: {@code W + (alpha / r) B A} (Hu et al., 2021), in
 * single precision, when a tensor is read.
 *
 * <p>Adapters are {@code X.lora_A.weight}, {@code [r, in]}, and {@code X.lora_B.weight}, {@code
 * [out, r]}, beside {@code X.weight} or {@code X.base_layer.weight}; {@code .default} before {@code
 * .weight} is dropped. A weight without an adapter is passed on.
 */
public final class LoraMerge implements TensorSource {

  private static final String A = ".lora_A.weight";
  private static final String B = ".lora_B.weight";
  private static final String WEIGHT = ".weight";

  private final TensorSource source;
  private final double alpha;
  private final Set<String> names = new LinkedHashSet<>();

  /** {@code alpha} is the adapters' numerator; 0 stands for twice the rank. */
  public LoraMerge(TensorSource source, double alpha) {
    this.source =
        new RenamedTensors(
            source,
            name ->
                name.replace(".base_layer.weight", WEIGHT)
                    .replace(".lora_A.default.", ".lora_A.")
                    .replace(".lora_B.default.", ".lora_B."));
    this.alpha = alpha;
    for (String name : this.source.names()) {
      if (name.endsWith(A) || name.endsWith(B)) {
        requireComplete(name);
      } else {
        names.add(name);
      }
    }
  }

  @Override
  public Set<String> names() {
    return names;
  }

  @Override
  public Shape shape(String name) {
    return source.shape(name);
  }

  @Override
  public DataType dataType(String name) {
    return source.dataType(name);
  }

  @Override
  public NDArray read(String name, NDManager manager, Precision precision) {
    String stem = stem(name, WEIGHT);
    if (!name.endsWith(WEIGHT) || !source.names().contains(stem + A)) {
      return source.read(name, manager, precision);
    }
    try (NDManager temporary = manager.newSubManager()) {
      NDArray weight = source.read(name, temporary, Precision.FP32);
      NDArray a = source.read(stem + A, temporary, Precision.FP32);
      NDArray b = source.read(stem + B, temporary, Precision.FP32);
      long rank = a.getShape().get(0);
      double scale = (alpha == 0 ? 2.0 * rank : alpha) / rank;
      NDArray merged = precision.of(weight.add(Ops.scale(b.matMul(a), scale)));
      merged.attach(manager);
      return merged;
    }
  }

  @Override
  public String toString() {
    return source.toString();
  }

  private void requireComplete(String name) {
    String stem = stem(name, name.endsWith(A) ? A : B);
    for (String needed : new String[] {stem + A, stem + B, stem + WEIGHT}) {
      if (!source.names().contains(needed)) {
        throw new CheckpointException(
            source + ": " + name + " is there, but " + needed + " is not");
      }
    }
    Shape a = source.shape(stem + A);
    Shape b = source.shape(stem + B);
    Shape weight = source.shape(stem + WEIGHT);
    boolean fits =
        a.dimension() == 2
            && b.dimension() == 2
            && weight.dimension() == 2
            && a.get(0) == b.get(1)
            && a.get(0) > 0
            && weight.equals(new Shape(b.get(0), a.get(1)));
    if (!fits) {
      throw new CheckpointException(
          source
              + ": adapter of "
              + stem
              + " has shapes "
              + a
              + " and "
              + b
              + ", which do not fit "
              + weight);
    }
  }

  private static String stem(String name, String ending) {
    return name.endsWith(ending) ? name.substring(0, name.length() - ending.length()) : name;
  }
}
