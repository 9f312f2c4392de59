package io.smartedit.editor.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.nn.LowRank;
import io.smartedit.editor.nn.Precision;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A low-rank adapter of a UNet as PEFT, diffusers or kohya's scripts save it, checked against the
 * UNet's layers before any of it is read.
 *
 * <p>Every tensor must be one of a layer's pair, or its alpha. Those for a text encoder are counted
 * and left out.
 */
public final class LoraFile implements AutoCloseable {

  /** Of an adapter's layer. */
  public static final int MAX_RANK = 1024;

  private static final int SHOWN = 200;
  private static final List<String> PREFIXES = List.of("base_model.model.", "unet.", "lora_unet_");
  private static final List<String> TEXT_ENCODERS =
      List.of("text_encoder", "lora_te", "base_model.model.text_model.", "text_model.");

  /** A layer's tensors. */
  private enum Part {
    DOWN,
    UP,
    ALPHA
  }

  /** How their names end. */
  private static final Map<String, Part> ENDINGS =
      Map.ofEntries(
          Map.entry(".lora_A.weight", Part.DOWN),
          Map.entry(".lora_B.weight", Part.UP),
          Map.entry(".lora_A.default.weight", Part.DOWN),
          Map.entry(".lora_B.default.weight", Part.UP),
          Map.entry(".lora.down.weight", Part.DOWN),
          Map.entry(".lora.up.weight", Part.UP),
          Map.entry(".lora_down.weight", Part.DOWN),
          Map.entry(".lora_up.weight", Part.UP),
          Map.entry(".lora_linear_layer.down.weight", Part.DOWN),
          Map.entry(".lora_linear_layer.up.weight", Part.UP),
          Map.entry("_lora.down.weight", Part.DOWN),
          Map.entry("_lora.up.weight", Part.UP),
          Map.entry(".alpha", Part.ALPHA));

  private final TensorFile file;
  private final LoraScale scale;
  private final Map<String, Shape> shapes;
  private final Map<String, Map<Part, String>> layers = new LinkedHashMap<>();
  private int textEncoder;

  private LoraFile(TensorFile file, LoraScale scale, Map<String, Shape> shapes) {
    this.file = file;
    this.scale = scale;
    this.shapes = shapes;
  }

  /**
   * Opens an adapter and checks it, without reading its numbers.
   *
   * @param place a file, or a folder with one
   * @param shapes of the weights of all layers that may be adapted, by the layer's name
   * @throws CheckpointException naming the tensor, and what was expected
   */
  public static LoraFile open(Path place, Map<String, Shape> shapes) {
    Path path = place;
    if (Files.isDirectory(place)) {
      path =
          AdapterFiles.weights(place)
              .orElseThrow(() -> new CheckpointException(place + ": holds no adapter's weights"));
    }
    TensorFile file = TensorFile.open(path);
    try {
      LoraFile lora = new LoraFile(file, LoraScale.beside(file), shapes);
      lora.sort();
      lora.layers.keySet().forEach(lora::check);
      return lora;
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Layers that are adapted, in the order of the file. */
  public Set<String> layers() {
    return Collections.unmodifiableSet(layers.keySet());
  }

  /** Numbers in all pairs. */
  public long numbers() {
    long numbers = 0;
    for (Map<Part, String> tensors : layers.values()) {
      numbers += size(tensors.get(Part.DOWN)) + size(tensors.get(Part.UP));
    }
    return numbers;
  }

  /** Tensors for a text encoder, which are left out. */
  public int textEncoder() {
    return textEncoder;
  }

  /** What a layer's term is multiplied with: alpha over rank. */
  public double scale(String layer) {
    Map<Part, String> tensors = tensors(layer);
    String alpha = tensors.get(Part.ALPHA);
    Double stored = alpha == null ? null : number(alpha);
    return scale.of(rank(tensors), stored);
  }

  /**
   * Reads a layer's pair into the manager, in the layer's shape.
   *
   * @throws CheckpointException if one of the numbers is none in this precision
   */
  public LowRank read(String layer, NDManager manager, Precision precision) {
    Map<Part, String> tensors = tensors(layer);
    Shape weight = shape(layer);
    long rank = rank(tensors);
    Shape a = weight.dimension() == 2 ? new Shape(rank, weight.get(1)) : down(weight, rank);
    Shape b = weight.dimension() == 2 ? new Shape(weight.get(0), rank) : up(weight, rank);
    return new LowRank(
        read(tensors.get(Part.DOWN), a, manager, precision),
        read(tensors.get(Part.UP), b, manager, precision));
  }

  private static Shape down(Shape weight, long rank) {
    return new Shape(rank, weight.get(1), weight.get(2), weight.get(3));
  }

  private static Shape up(Shape weight, long rank) {
    return new Shape(weight.get(0), rank, 1, 1);
  }

  private NDArray read(
      @Nullable String tensor, Shape shape, NDManager manager, Precision precision) {
    String name = String.valueOf(tensor);
    try (NDManager temporary = manager.newSubManager()) {
      NDArray wide = file.read(name, temporary, Precision.FP32).reshape(shape);
      NDArray array = precision.of(wide);
      for (float value : Precision.FP32.of(array).toFloatArray()) {
        if (!Float.isFinite(value)) {
          throw fault(name, "holds " + value + " in " + precision);
        }
      }
      array.attach(manager);
      return array;
    }
  }

  /** Gives every tensor its layer and part. */
  private void sort() {
    Map<String, String> flat = new HashMap<>();
    shapes.keySet().forEach(layer -> flat.put(layer.replace('.', '_'), layer));
    for (String name : file.names()) {
      if (TEXT_ENCODERS.stream().anyMatch(name::startsWith)) {
        textEncoder++;
        continue;
      }
      String ending = ending(name);
      String layer = layer(stem(name, ending), flat);
      if (layer == null) {
        throw fault(name, "is for no layer of the UNet that can be adapted");
      }
      String other =
          layers
              .computeIfAbsent(layer, key -> new EnumMap<>(Part.class))
              .put(ENDINGS.get(ending), name);
      if (other != null) {
        throw fault(name, "is for the same as " + shown(other));
      }
    }
    if (layers.isEmpty()) {
      throw new CheckpointException(file.path() + ": adapts no layer of the UNet");
    }
  }

  private String ending(String name) {
    return ENDINGS.keySet().stream()
        .filter(name::endsWith)
        .findFirst()
        .orElseThrow(
            () ->
                fault(
                    name,
                    "is no part of a LoRA: lora_A and lora_B, lora_down and lora_up, or alpha"));
  }

  private static String stem(String name, String ending) {
    String stem = name.substring(0, name.length() - ending.length()).replace(".processor.", ".");
    for (String prefix : PREFIXES) {
      stem = stem.startsWith(prefix) ? stem.substring(prefix.length()) : stem;
    }
    return stem;
  }

  /** Old files call the first of {@code to_out} by the name of the list. */
  private @Nullable String layer(String stem, Map<String, String> flat) {
    for (String name : List.of(stem, stem + ".0")) {
      if (shapes.containsKey(name)) {
        return name;
      }
    }
    return flat.get(stem);
  }

  private void check(String layer) {
    Map<Part, String> tensors = tensors(layer);
    for (Part part : List.of(Part.DOWN, Part.UP)) {
      if (!tensors.containsKey(part)) {
        String there = tensors.values().iterator().next();
        throw fault(there, "has no " + (part == Part.DOWN ? "lora_A (down)" : "lora_B (up)"));
      }
    }
    tensors.values().forEach(this::checkType);
    Shape weight = shape(layer);
    String down = String.valueOf(tensors.get(Part.DOWN));
    long rank = rank(tensors);
    if (rank < 1 || rank > MAX_RANK) {
      throw fault(down, "has the rank " + rank + ", must be from 1 to " + MAX_RANK);
    }
    boolean matrix = weight.dimension() == 2;
    checkShape(down, matrix ? new Shape(rank, weight.get(1), 1, 1) : down(weight, rank));
    checkShape(String.valueOf(tensors.get(Part.UP)), up(weight, rank));
    if (!Double.isFinite(scale(layer))) {
      throw fault(String.valueOf(tensors.get(Part.ALPHA)), "is no number");
    }
  }

  private void checkType(String name) {
    DataType type = file.dataType(name);
    if (!type.isFloating() && type != DataType.BFLOAT16) {
      throw fault(name, "has the type " + type + ", must be F64, F32, F16 or BF16");
    }
  }

  /** Matrices may stand for convolutions of kernel 1, and the other way round. */
  private void checkShape(String name, Shape wanted) {
    Shape is = file.shape(name);
    boolean kernelOne = wanted.get(2) == 1 && wanted.get(3) == 1;
    boolean fits =
        is.equals(wanted) || (kernelOne && is.equals(new Shape(wanted.get(0), wanted.get(1))));
    if (!fits) {
      Shape expected = kernelOne ? new Shape(wanted.get(0), wanted.get(1)) : wanted;
      throw fault(name, "has shape " + is + ", expected " + expected);
    }
  }

  private double number(String name) {
    if (file.shape(name).size() != 1) {
      throw fault(name, "has shape " + file.shape(name) + ", expected one number");
    }
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      return file.read(name, manager, Precision.FP32).toFloatArray()[0];
    }
  }

  private long rank(Map<Part, String> tensors) {
    Shape shape = file.shape(String.valueOf(tensors.get(Part.DOWN)));
    return shape.dimension() == 0 ? 0 : shape.get(0);
  }

  private long size(@Nullable String name) {
    return file.shape(String.valueOf(name)).size();
  }

  private Map<Part, String> tensors(String layer) {
    Map<Part, String> tensors = layers.get(layer);
    if (tensors == null) {
      throw new IllegalArgumentException(layer + " is not adapted");
    }
    return tensors;
  }

  private Shape shape(String layer) {
    Shape shape = shapes.get(layer);
    if (shape == null) {
      throw new IllegalArgumentException("there is no layer " + layer);
    }
    return shape;
  }

  private CheckpointException fault(String tensor, String fault) {
    return new CheckpointException(file.path() + ": tensor " + shown(tensor) + " " + fault);
  }

  /** The beginning of a name, fit to be printed. */
  private static String shown(String name) {
    String start = name.length() > SHOWN ? name.substring(0, SHOWN) + "..." : name;
    return start.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
  }

  @Override
  public void close() {
    file.close();
  }

  @Override
  public String toString() {
    return file.path() + " (" + layers.size() + " layers)";
  }
}
