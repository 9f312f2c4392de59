package io.smartedit.editor.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.smartedit.editor.checkpoint.AdapterFiles;
import io.smartedit.editor.checkpoint.CheckpointException;
import io.smartedit.editor.checkpoint.LoraFile;
import io.smartedit.editor.nn.LowRank;
import io.smartedit.editor.nn.Ops;
import io.smartedit.editor.nn.Precision;
import io.smartedit.editor.nn.Weights;
import io.smartedit.editor.options.Adapters;
import io.smartedit.editor.options.Variant;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The low-rank adapters of a UNet, read once, and the place that its programs keep for them.
 *
 * <p>A layer that any adapter changes has a place: a term of zeros, which a choice replaces. So one
 * program serves every choice, and the UNet's own weights are neither changed nor copied.
 */
final class AdapterBank {

  /** There are no adapters. */
  static final AdapterBank EMPTY = new AdapterBank();

  private static final Logger LOG = LoggerFactory.getLogger(AdapterBank.class);
  private static final String WEIGHT = ".weight";

  private final SortedMap<String, Map<String, Term>> adapters = new TreeMap<>();
  private final Map<String, Place> places = new LinkedHashMap<>();

  /** One adapter's part in a layer, to be multiplied with the scale. */
  private record Term(LowRank pair, double scale) {}

  /** A layer's weight, and what stands beside it where no adapter does. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Place(NDArray weight, LowRank zeros) {
    @Override
    public String toString() {
      return "Place" + weight.getShape();
    }
  }

  private AdapterBank() {}

  /**
   * Reads all adapters.
   *
   * @param manager owns them, on the UNet's device
   * @param weights of the UNet
   * @param variant that the UNet is of
   * @throws CheckpointException if a file is no adapter of this UNet, or all take more than they
   *     may
   */
  static AdapterBank load(
      NDManager manager,
      AdapterFiles files,
      List<Weights.Named> weights,
      Variant variant,
      Precision precision) {
    Map<String, NDArray> layers = layers(weights);
    Map<String, Shape> shapes = new LinkedHashMap<>();
    layers.forEach((layer, weight) -> shapes.put(layer, weight.getShape()));
    AdapterBank bank = new AdapterBank();
    long bytes = 0;
    for (Map.Entry<String, Path> entry : files.places().entrySet()) {
      String name = entry.getKey();
      try (LoraFile file = LoraFile.open(entry.getValue(), shapes)) {
        if (variant == Variant.INSTRUCT_PIX2PIX && file.textEncoder() > 0) {
          throw new CheckpointException(
              file
                  + " has "
                  + file.textEncoder()
                  + " tensors for the text encoder, which this variant reads by; they cannot be used");
        }
        bytes += file.numbers() * precision.bytes();
        if (bytes > files.maxBytes()) {
          throw new CheckpointException(
              "they take %d bytes with it, more than %d".formatted(bytes, files.maxBytes()));
        }
        bank.adapters.put(name, terms(manager, file, precision));
        report(name, file);
      } catch (CheckpointException e) {
        throw new CheckpointException("adapter " + name + ": " + e.getMessage(), e);
      }
    }
    layers.forEach(
        (layer, weight) -> {
          if (bank.adapters.values().stream().anyMatch(terms -> terms.containsKey(layer))) {
            bank.places.put(layer, place(manager, weight, precision));
          }
        });
    return bank;
  }

  /** Every weight of two or four dimensions is a layer's. */
  private static Map<String, NDArray> layers(List<Weights.Named> weights) {
    Map<String, NDArray> layers = new LinkedHashMap<>();
    for (Weights.Named each : weights) {
      int dimensions = each.array().getShape().dimension();
      if (each.name().endsWith(WEIGHT) && (dimensions == 2 || dimensions == 4)) {
        String layer = each.name().substring(0, each.name().length() - WEIGHT.length());
        layers.put(layer, each.array());
      }
    }
    return layers;
  }

  private static Map<String, Term> terms(NDManager manager, LoraFile file, Precision precision) {
    Map<String, Term> terms = new LinkedHashMap<>();
    for (String layer : file.layers()) {
      terms.put(layer, new Term(file.read(layer, manager, precision), file.scale(layer)));
    }
    return terms;
  }

  private static void report(String name, LoraFile file) {
    LOG.info("adapter {} changes {} layers of the UNet", name, file.layers().size());
    if (file.textEncoder() > 0) {
      LOG.warn(
          "adapter {} has {} tensors for a text encoder, which are not used",
          name,
          file.textEncoder());
    }
  }

  private static Place place(NDManager manager, NDArray weight, Precision precision) {
    Shape shape = weight.getShape();
    boolean matrix = shape.dimension() == 2;
    Shape a =
        matrix
            ? new Shape(1, shape.get(1))
            : new Shape(1, shape.get(1), shape.get(2), shape.get(3));
    Shape b = matrix ? new Shape(shape.get(0), 1) : new Shape(shape.get(0), 1, 1, 1);
    return new Place(weight, new LowRank(precision.zeros(manager, a), precision.zeros(manager, b)));
  }

  boolean isEmpty() {
    return adapters.isEmpty();
  }

  /** By the layers' weights, what a choice replaces. */
  IdentityHashMap<NDArray, LowRank> places() {
    IdentityHashMap<NDArray, LowRank> all = new IdentityHashMap<>();
    places.values().forEach(place -> all.put(place.weight(), place.zeros()));
    return all;
  }

  /**
   * What stands in the place of which zeros.
   *
   * @param manager owns what is computed of the adapters
   */
  IdentityHashMap<NDArray, NDArray> chosen(NDManager manager, Adapters choice) {
    IdentityHashMap<NDArray, NDArray> all = new IdentityHashMap<>();
    places.forEach(
        (layer, place) -> {
          NDList downs = new NDList();
          NDList ups = new NDList();
          choice
              .scales()
              .forEach(
                  (name, scale) -> {
                    Term term = adapter(name).get(layer);
                    if (term != null) {
                      downs.add(term.pair().a());
                      ups.add(scaled(manager, term.pair().b(), scale * term.scale()));
                    }
                  });
          if (!downs.isEmpty()) {
            all.put(place.zeros().a(), joined(manager, downs, 0));
            all.put(place.zeros().b(), joined(manager, ups, 1));
          }
        });
    return all;
  }

  private Map<String, Term> adapter(String name) {
    Map<String, Term> terms = adapters.get(name);
    if (terms == null) {
      throw new IllegalArgumentException("there is no adapter " + name);
    }
    return terms;
  }

  private static NDArray scaled(NDManager manager, NDArray array, double scale) {
    return scale == 1 ? array : owned(manager, Ops.blend(new NDList(array), new double[] {scale}));
  }

  /** The sum of two products is the product of what is joined along the rank. */
  private static NDArray joined(NDManager manager, NDList arrays, int axis) {
    return arrays.size() == 1
        ? arrays.head()
        : owned(manager, NDArrays.concat(new NDList(new ArrayList<>(arrays)), axis));
  }

  private static NDArray owned(NDManager manager, NDArray array) {
    array.attach(manager);
    return array;
  }
}
