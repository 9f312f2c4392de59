package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A scoped view over a {@link TensorSource}: the whole language in which nets are loaded.
 *
 * <p>{@code at} descends into a name as into a directory, {@code get} reads a tensor and insists on
 * its shape. After a net is assembled {@link #unread} must be empty, so that a tensor nobody asked
 * for is noticed.
 *
 * <p>A <em>survey</em> reads no data: it lets the same {@code load} run over a file and collects
 * every missing or wrong-shaped tensor instead of failing at the first. For that reason a {@code
 * load} does nothing with the arrays it gets but keep them. Not thread-safe.
 */
public final class Weights {

  private final TensorSource source;
  private final NDManager manager;
  private final Precision precision;
  private final String prefix;
  private final Ledger ledger;

  private Weights(
      TensorSource source, NDManager manager, Precision precision, String prefix, Ledger ledger) {
    this.source = source;
    this.manager = manager;
    this.precision = precision;
    this.prefix = prefix;
    this.ledger = ledger;
  }

  /** Weights read from the source into the manager, in the given number format. */
  public static Weights of(TensorSource source, NDManager manager, Precision precision) {
    return new Weights(source, manager, precision, "", new Ledger(false));
  }

  /** A survey: every {@code get} answers with the same one-number array and is only checked. */
  public static Weights survey(TensorSource source, NDManager manager) {
    return new Weights(source, manager, Precision.FP32, "", new Ledger(true));
  }

  /** The view one name further down. */
  public Weights at(String name) {
    return new Weights(source, manager, precision, prefix + name + ".", ledger);
  }

  /** The view of the list element with this index. */
  public Weights at(int index) {
    return at(Integer.toString(index));
  }

  /** What is read from, by full names. */
  public TensorSource source() {
    return source;
  }

  /** Whether a tensor of this name is there. */
  public boolean has(String name) {
    return source.names().contains(prefix + name);
  }

  /** The stored shape of a tensor that is there; a missing one is reported as by {@link #get}. */
  public Shape shape(String name) {
    if (!has(name)) {
      throw new WeightsException("missing tensor " + prefix + name);
    }
    return source.shape(prefix + name);
  }

  /**
   * Reads a tensor.
   *
   * @param shape the only shape that is accepted
   * @throws WeightsException if the tensor is missing or has another shape; the message has its
   *     full name and what was expected
   */
  public NDArray get(String name, long... shape) {
    String full = prefix + name;
    ledger.read.add(full);
    Shape expected = new Shape(shape);
    ledger.expected.put(full, expected);
    if (!source.names().contains(full)) {
      return problem("missing tensor " + full + ", expected shape " + expected);
    }
    if (!source.shape(full).equals(expected)) {
      return problem(
          "tensor " + full + " has shape " + source.shape(full) + ", expected " + expected);
    }
    if (ledger.survey) {
      return manager.zeros(new Shape(1));
    }
    NDArray array = source.read(full, manager, precision);
    ledger.arrays.add(new Named(full, array));
    return array;
  }

  /** Counts every tensor under this view that the predicate accepts as read, without reading it. */
  public void ignore(Predicate<String> names) {
    source.names().stream()
        .filter(name -> name.startsWith(prefix) && names.test(name.substring(prefix.length())))
        .forEach(ledger.read::add);
  }

  /** Tensors of the source that nobody asked for, in the order of the file. */
  public Set<String> unread() {
    Set<String> rest = new LinkedHashSet<>(source.names());
    rest.removeAll(ledger.read);
    return rest;
  }

  /**
   * Refuses a source with tensors that nobody asked for.
   *
   * @throws WeightsException naming the first of them
   */
  public void requireAllRead() {
    Set<String> rest = unread();
    if (!rest.isEmpty()) {
      throw new WeightsException(
          "unexpected tensor "
              + rest.iterator().next()
              + (rest.size() > 1 ? " and " + (rest.size() - 1) + " more" : ""));
    }
  }

  /** What a survey found wrong: one line a tensor. */
  public List<String> problems() {
    return List.copyOf(ledger.problems);
  }

  /** Full name and shape of every tensor asked for, whether it was there or not. */
  public Map<String, Shape> expected() {
    return Collections.unmodifiableMap(ledger.expected);
  }

  /** The arrays read so far with their full names; training chooses among them. */
  public List<Named> arrays() {
    return List.copyOf(ledger.arrays);
  }

  private NDArray problem(String message) {
    if (!ledger.survey) {
      throw new WeightsException(message);
    }
    ledger.problems.add(message);
    return manager.zeros(new Shape(1));
  }

  /** An array and the full name it was read under. */
  public record Named(String name, NDArray array) {
    @Override
    public String toString() {
      return name + " " + array.getShape();
    }
  }

  private static final class Ledger {
    private final boolean survey;
    private final Set<String> read = new LinkedHashSet<>();
    private final Map<String, Shape> expected = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private final List<Named> arrays = new ArrayList<>();

    private Ledger(boolean survey) {
      this.survey = survey;
    }
  }
}
