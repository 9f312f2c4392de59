package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Makes {@link Program}s of nets: a net's {@code forward} is run once over arrays that are not
 * there, and what it does to them becomes TorchScript.
 *
 * <p>So a net is defined once, in Java, and training runs that definition. Weights are converted to
 * the format of what meets them and, for bfloat16 on a processor that multiplies in it, laid out as
 * its kernels want them; programs of one compiler share them. The compiler may be closed once the
 * programs are made. Weights that are used as they are must outlive the programs: their numbers may
 * lie in Java's memory.
 */
public final class Compiler implements AutoCloseable {

  private final NDManager manager;
  private final boolean packs;
  private final IdentityHashMap<NDArray, Map<String, NDArray>> prepared = new IdentityHashMap<>();

  /**
   * @param manager on the device that the programs run on
   */
  public Compiler(NDManager manager) {
    this.manager = manager.newSubManager();
    this.packs = !manager.getDevice().isGpu() && Processor.multipliesBf16();
  }

  /**
   * Compiles a net.
   *
   * @param inputs formats of its inputs
   * @param net uses inputs on the left of every operator and knows no sizes
   */
  public Program compile(List<Precision> inputs, Function<NDList, NDList> net) {
    return compile(inputs, net, new IdentityHashMap<>());
  }

  /**
   * Compiles a net with low-rank terms beside some of its layers; {@link Program#with} replaces
   * them.
   *
   * @param terms by the weight of the layer, in the format of what meets it
   */
  public Program compile(
      List<Precision> inputs,
      Function<NDList, NDList> net,
      IdentityHashMap<NDArray, LowRank> terms) {
    Recording recording = new Recording(this, terms);
    String source = recording.source(net.apply(recording.inputs(inputs)));
    return new Program(TorchScriptModule.program(source, packs), recording.weights());
  }

  /** Frees every weight that programs have in another form only; its net cannot run by itself. */
  public void release() {
    prepared.forEach(
        (weight, forms) -> {
          if (forms.values().stream().noneMatch(form -> form == weight)) {
            weight.close();
          }
        });
  }

  @Override
  public void close() {
    manager.close();
  }

  boolean packs(Precision format) {
    return packs && format == Precision.BF16;
  }

  /** The weight in this format. */
  NDArray in(Precision format, NDArray weight) {
    return forms(weight).computeIfAbsent(format.toString(), key -> kept(weight, format.of(weight)));
  }

  /** The weight in this format and laid out by an operator. */
  NDArray packed(Precision format, NDArray weight, String operator, Object... numbers) {
    String form = operator + " " + format + " " + List.of(numbers);
    return forms(weight)
        .computeIfAbsent(
            form,
            key -> {
              NDArray cast = format.of(weight);
              Object[] arguments = new Object[numbers.length + 1];
              arguments[0] = cast;
              System.arraycopy(numbers, 0, arguments, 1, numbers.length);
              NDArray packed = kept(weight, Bridge.callPacked(operator, arguments));
              if (cast != weight) {
                cast.close();
              }
              return packed;
            });
  }

  private NDArray kept(NDArray weight, NDArray form) {
    if (form != weight) {
      NDScope.unregister(form); // nets run in scopes, of which this is not a part
      form.attach(manager);
    }
    return form;
  }

  private Map<String, NDArray> forms(NDArray weight) {
    return prepared.computeIfAbsent(weight, key -> new LinkedHashMap<>());
  }
}
