package io.smartedit.editor.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The statements of a program while a net's {@code forward} runs over {@link Recorded} arrays. */
final class Recording {

  static final String METHOD = "run";

  private static final String CONVERSION = "to_";

  private final Compiler compiler;
  private final IdentityHashMap<NDArray, LowRank> terms;
  private final StringBuilder statements = new StringBuilder();
  private final List<NDArray> weights = new ArrayList<>();
  private final IdentityHashMap<NDArray, Integer> places = new IdentityHashMap<>();
  private int values;

  /** {@code terms} are added to the layers of these weights. */
  Recording(Compiler compiler, IdentityHashMap<NDArray, LowRank> terms) {
    this.compiler = compiler;
    this.terms = terms;
  }

  /** The inputs, by their formats. */
  NDList inputs(List<Precision> formats) {
    NDList inputs = new NDList();
    for (Precision format : formats) {
      inputs.add(new Recorded(this, "inputs[" + inputs.size() + "]", format));
    }
    return inputs;
  }

  /** Calls an operator of the module. */
  NDArray call(String operator, @Nullable Object... arguments) {
    String places = String.join(", ", Collections.nCopies(arguments.length, "%s"));
    String call = "(self)." + operator + "(" + places + ")";
    return operator.startsWith(CONVERSION)
        ? write(Precision.named(operator.substring(CONVERSION.length())), call, arguments)
        : write(call, arguments);
  }

  /** A statement whose result has the format of the first recorded argument. */
  NDArray write(String expression, @Nullable Object... arguments) {
    Precision format =
        Arrays.stream(arguments)
            .filter(Recorded.class::isInstance)
            .map(argument -> ((Recorded) argument).precision())
            .findFirst()
            .orElseThrow();
    return write(format, expression, arguments);
  }

  NDArray linear(Recorded x, NDArray weight, @Nullable NDArray bias) {
    Precision format = x.precision();
    NDArray offset = bias == null ? null : compiler.in(format, bias);
    NDArray y =
        compiler.packs(format)
            ? call("packed_linear", x, compiler.packed(format, weight, "pack_linear"), offset)
            : call("linear", x, compiler.in(format, weight), offset);
    LowRank term = terms.get(weight);
    return term == null ? y : call("low_rank_linear", y, x, term.a(), term.b());
  }

  NDArray conv2d(Recorded x, NDArray weight, NDArray bias, int stride, int padding) {
    Precision format = x.precision();
    NDArray offset = compiler.in(format, bias);
    NDArray y =
        compiler.packs(format)
            ? call(
                "packed_conv2d",
                x,
                compiler.packed(format, weight, "pack_conv2d", stride, padding),
                offset,
                stride,
                padding)
            : call("conv2d", x, compiler.in(format, weight), offset, stride, padding);
    LowRank term = terms.get(weight);
    return term == null ? y : call("low_rank_conv2d", y, x, term.a(), term.b(), stride, padding);
  }

  NDArray attention(Recorded q, NDArray k, NDArray v, int heads) {
    return call(compiler.packs(q.precision()) ? "attention_bf16" : "attention", q, k, v, heads);
  }

  /** The method's text. */
  String source(NDList results) {
    String names =
        results.stream().map(result -> text(result)).collect(Collectors.joining(", ", "[", "]"));
    return "def "
        + METHOD
        + "(self: __torch__.Ops, inputs: List[Tensor], weights: List[Tensor]) -> List[Tensor]:\n"
        + statements
        + "  return "
        + names
        + "\n";
  }

  /** What {@code weights} stands for in the text. */
  List<NDArray> weights() {
    return weights;
  }

  private NDArray write(Precision format, String expression, @Nullable Object... arguments) {
    Object[] texts = Arrays.stream(arguments).map(this::text).toArray();
    String name = "v" + values++;
    statements.append("  %s = %s%n".formatted(name, expression.formatted(texts)));
    return new Recorded(this, name, format);
  }

  private String text(@Nullable Object argument) {
    if (argument instanceof Recorded recorded) {
      return recorded.toString();
    }
    if (argument instanceof NDArray weight) {
      int place =
          places.computeIfAbsent(
              weight,
              added -> {
                weights.add(added);
                return weights.size() - 1;
              });
      return "weights[" + place + "]";
    }
    return argument == null ? "None" : argument.toString();
  }
}
